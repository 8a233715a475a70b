import { readFileSync } from 'node:fs';

/** Killed outright, npm cannot tell us: once a second is soon enough, and costs nothing. */
const POLL_MS = 1_000;

/**
 * Calls `onEnd` once when npm, which started us, has ended. Between npm and us there may be a shell, which outlives npm: so
 * every process up to npm is watched, by who its parent is.
 */
export function watchNpm(onEnd: () => void): Disposable {
  const before = ancestorsUpToNpm();
  const timer = setInterval(() => {
    if (isSame(before)) return;
    clearInterval(timer);
    onEnd();
  }, POLL_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Never this many processes are between npm and its script. */
const FARTHEST = 4;

/** Our ancestors, nearest first, npm last; only the parent when npm is not to be found among them. */
function ancestorsUpToNpm(): readonly number[] {
  const ancestors = [process.ppid];
  for (let pid = process.ppid; ancestors.length <= FARTHEST;) {
    if (isNpm(pid)) return ancestors;
    const parent = parentOf(pid);
    if (parent === undefined || parent <= 1) break;
    ancestors.push(parent);
    pid = parent;
  }
  return [process.ppid];
}

function isSame(before: readonly number[]): boolean {
  return before.every((pid, index) => pid === (index === 0 ? process.ppid : parentOf(before[index - 1] ?? 0)));
}

/** Its title is `npm start` and the like; before it sets that, its script's path ends in `npm` or `npm-cli.js`. */
function isNpm(pid: number): boolean {
  return /(^|\/)npm(-cli\.js)?(\s|\0|$)/u.test(read(`/proc/${pid}/cmdline`));
}

/** Known on Linux only. The name in parentheses may hold anything, spaces and parentheses too. */
function parentOf(pid: number): number | undefined {
  const parent = /.*\) \S+ (\d+) /su.exec(read(`/proc/${pid}/stat`))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
