import { spawn } from 'node:child_process';
import type { Account } from './postgres-account.ts';

/** Its end of the pipe closes when we end, however we end: then it stops PostgreSQL, gently first. */
const SCRIPT = `
cat >/dev/null
kill -INT "$1" 2>/dev/null || exit 0
for second in 1 2 3 4 5 6 7 8 9 10; do
  sleep 1
  kill -0 "$1" 2>/dev/null || exit 0
done
kill -QUIT "$1" 2>/dev/null
`;

/**
 * Watches over a PostgreSQL process of ours, so that none outlives us even when we are killed outright. Dispose of it as soon
 * as that process has ended. Not on Windows, which has no such signals.
 */
export function guard(pid: number, account: Account): Disposable {
  if (process.platform === 'win32') return { [Symbol.dispose]: () => undefined };
  const guardian = spawn('/bin/sh', ['-c', SCRIPT, 'lockstep-guardian', String(pid)], {
    ...account,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    // A process group of its own: what ends ours, Ctrl-C say, must not end the guardian first.
    detached: true,
  });
  guardian.on('error', () => undefined);
  guardian.stdin.on('error', () => undefined);
  guardian.unref();
  return {
    [Symbol.dispose]() {
      endGroup(guardian.pid);
      guardian.stdin.destroy();
    },
  };
}

/** The shell and its `cat` together. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
