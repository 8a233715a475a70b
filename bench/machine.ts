import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What of this machine figures depend on, in one line, without telling whose it is. */
export function describeMachine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} cores (${processor}), ${memory}, ${type()} ${release()}, Node ${process.versions.node}`;
}
