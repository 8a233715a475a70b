import { execFileSync } from 'node:child_process';

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** Resident set size in bytes. */
  readonly memory: number;
  readonly command: string;
}

/** All that a process has started, directly or not. Needs `ps`. */
export function descendantsOf(pid: number): RunningProcess[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']).toString().split('\n');
  const all = lines.flatMap((line): RunningProcess[] => {
    const [, id, parent, kibibytes, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/u.exec(line) ?? [];
    if (id === undefined) return [];
    return [{ pid: Number(id), parent: Number(parent), memory: Number(kibibytes) * 1_024, command }];
  });
  const below = (parent: number): RunningProcess[] =>
    all.filter((process) => process.parent === parent).flatMap((process) => [process, ...below(process.pid)]);
  return below(pid);
}
