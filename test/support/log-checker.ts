/** An event as far as a log is concerned. */
export interface Entry {
  readonly id: string;
  readonly record: string;
  readonly revision: number;
}

/** What is wrong with a log, by event id. All empty: every committed event is there once, and each record's in the order of its revisions. */
export interface LogFaults {
  readonly lost: readonly string[];
  readonly invented: readonly string[];
  readonly repeated: readonly string[];
  readonly disordered: readonly string[];
}

export const NO_FAULTS: LogFaults = { lost: [], invented: [], repeated: [], disordered: [] };

/** Compares what a reader delivered, in its order, with what was committed. */
export function faultsOf(committed: readonly Entry[], delivered: readonly Entry[]): LogFaults {
  const known = new Set(committed.map(({ id }) => id));
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const invented: string[] = [];
  const repeated: string[] = [];
  const disordered: string[] = [];
  for (const { id, record, revision } of delivered) {
    if (!known.has(id)) invented.push(id);
    if (seen.has(id)) repeated.push(id);
    else if (revision < (last.get(record) ?? 0)) disordered.push(id);
    seen.add(id);
    last.set(record, Math.max(revision, last.get(record) ?? 0));
  }
  const lost = committed.filter(({ id }) => !seen.has(id)).map(({ id }) => id);
  return { lost, invented, repeated, disordered };
}
