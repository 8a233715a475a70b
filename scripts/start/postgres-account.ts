import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The user PostgreSQL's programs run as; empty means the one we are. Spreads into the options of `node:child_process`. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

/** `nobody` nearly everywhere. PostgreSQL refuses to run as root. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 } as const;

/** The line of `nobody` in `/etc/passwd`, where that is another number: PostgreSQL refuses a user without a name. */
const NOBODY = /^nobody:[^:]*:(?<uid>\d+):(?<gid>\d+):/mu;

/** Root's PostgreSQL runs as the owner of the cluster, or as `nobody` when that is root or there is none yet. */
export async function accountFor(cluster: string): Promise<Account> {
  if (!isRoot()) return {};
  const owner = await stat(cluster).catch(() => undefined);
  return owner === undefined || owner.uid === 0 ? unprivileged() : { uid: owner.uid, gid: owner.gid };
}

async function unprivileged(): Promise<Account> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const nobody = /^[^:]*:[^:]*:65534:/mu.test(users) ? undefined : NOBODY.exec(users)?.groups;
  return nobody === undefined ? UNPRIVILEGED : { uid: Number(nobody['uid']), gid: Number(nobody['gid']) };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

const run = promisify(execFile);

/** Whether the account may pass through the folder and every one above it. Tried, not computed: mode bits are not all there is. */
export async function canPassThrough(folder: string, account: Account): Promise<boolean> {
  if (account.uid === undefined) return true;
  try {
    await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/', env: postgresEnvironment() });
    return true;
  } catch {
    return false;
  }
}

const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'USERPROFILE'];

/** What PostgreSQL's programs may see: no PG* variable that would redirect them, no secret, and messages in English. */
export function postgresEnvironment(): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passedOn), LC_ALL: 'C', TZ: 'UTC' };
}
