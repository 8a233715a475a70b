#!/usr/bin/env bash
# Brings the programs that the whole suite needs and npm does not: today, a browser.
# Does nothing for what is already here. Starts from a cold machine, tries three times, gives up after 15 minutes in all.
# Exits 0 even when a program cannot be had here: REQUIRE then says which suite cannot run without it.
set -euo pipefail

readonly tries=3
readonly deadline=$((SECONDS + 15 * 60))

say() { echo "ci-servers: $*" >&2; }

found() {
  local name
  for name in "$@"; do command -v "$name" >/dev/null 2>&1 && return 0; done
  return 1
}

# Runs a command for at most what is left of the 15 minutes.
in_time() {
  local left=$((deadline - SECONDS))
  [ "$left" -gt 0 ] || return 124
  timeout --kill-after=10 "$left" "$@"
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  # A try that was cut short may have left packages half configured.
  if found dpkg; then in_time dpkg --configure -a || true; fi
  in_time apt-get -o DPkg::Lock::Timeout=120 -qq update &&
    in_time apt-get -o DPkg::Lock::Timeout=120 -qq install --yes --no-install-recommends "$@" >/dev/null
}

install() {
  local try
  if ! found apt-get || [ "$(id -u)" -ne 0 ]; then
    say "$1 is missing and only root with apt-get can install it here"
    return 0
  fi
  for try in $(seq "$tries"); do
    say "installing $1 (try $try of $tries)"
    apt_install "$1" && return 0
    [ "$SECONDS" -lt "$deadline" ] || break
    sleep $((try * 5))
  done
  say "$1 could not be installed"
}

if [ -n "${CHROMIUM:-}" ] || found chromium chromium-browser google-chrome; then
  say 'chromium is here'
else
  install chromium
fi
