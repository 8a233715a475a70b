#!/usr/bin/env bash
# Brings the programs that the whole suite needs and npm does not: a browser, a server that speaks MongoDB's protocol, and two NATS
# servers, a current one and Debian's.
# Does nothing for what is already here. Starts from a cold machine, tries three times, gives up after 15 minutes in all.
# Exits 0 even when a program cannot be had here: REQUIRE then says which suite cannot run without it.
set -euo pipefail
cd "$(dirname "$0")/.."

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

# Debian has 2.9, the oldest that the bus works with.
if found nats-server; then
  say "nats-server is on PATH"
else
  install nats-server
fi

# Pinned by go.sum; Go's own cache makes it quick when nothing has changed. Never seen half made: it is moved into its place.
go_build() {
  in_time env CGO_ENABLED=0 go -C "scripts/$1" build -trimpath -ldflags='-s -w' -o "$PWD/.servers/$1.new" "$2" &&
    mv ".servers/$1.new" ".servers/$1"
}

is_built() {
  local source
  for source in "scripts/$1"/*; do [ ".servers/$1" -nt "$source" ] || return 1; done
}

# The folder of scripts that says what is built, and the package.
build() {
  local try
  if is_built "$1"; then
    say "$1 is here"
    return 0
  fi
  if ! found go; then
    say "$1 is missing and only Go can build it"
    return 0
  fi
  mkdir -p .servers
  for try in $(seq "$tries"); do
    say "building $1 (try $try of $tries)"
    go_build "$1" "$2" && return 0
    [ "$SECONDS" -lt "$deadline" ] || break
    sleep $((try * 5))
  done
  say "$1 could not be built"
}

build nats-server github.com/nats-io/nats-server/v2
# Docker Compose's own loader, which says whether docker-compose.yml is right.
build compose-go .

if [ -n "${MONGODB_URL:-}" ]; then
  say 'mongodb is given'
else
  build ferretdb .
fi
