/** What a source says of its log, beyond what a pipeline has received. */
export interface SourceFacts {
  /** Up to which position the pipeline has received everything. */
  readonly received: number;
  /** Events committed after that. */
  readonly beyond: number;
  readonly oldestBeyondAt: Date | null;
}

/** What of what was received the target lacks. */
export interface LackingFacts {
  readonly records: number;
  readonly oldestAt: Date | null;
}

export interface Lag {
  readonly records: number;
  readonly seconds: number;
  readonly oldestUnsyncedAt: Date | null;
}

/** How far the target is behind: what is received and lacking there, for one reason or another, and what is committed and not received. */
export function lagOf(source: SourceFacts, lacking: readonly LackingFacts[], now: Date): Lag {
  const times = [source.oldestBeyondAt, ...lacking.map(({ oldestAt }) => oldestAt)].filter((time) => time !== null);
  const oldest = times.length === 0 ? null : Math.min(...times.map((time) => time.getTime()));
  return {
    records: lacking.reduce((sum, { records }) => sum + records, source.beyond),
    seconds: oldest === null ? 0 : Math.max(0, now.getTime() - oldest) / 1_000,
    oldestUnsyncedAt: oldest === null ? null : new Date(oldest),
  };
}
