/** What a source says of its log, beyond what a pipeline has received. */
export interface SourceFacts {
  /** Up to which position the pipeline has received everything. */
  readonly received: number;
  /** Events committed after that. */
  readonly beyond: number;
  readonly oldestBeyondAt: Date | null;
}

/** What the ledger says of what was received. */
export interface LedgerFacts {
  /** Records with an event that is not yet applied. */
  readonly records: number;
  readonly oldestAt: Date | null;
}

export interface Lag {
  readonly records: number;
  readonly seconds: number;
  readonly oldestUnsyncedAt: Date | null;
}

/** How far the target is behind: what is received and not applied, and what is committed and not received. */
export function lagOf(source: SourceFacts, ledger: LedgerFacts, now: Date): Lag {
  const times = [source.oldestBeyondAt, ledger.oldestAt].filter((time) => time !== null).map((time) => time.getTime());
  const oldest = times.length === 0 ? null : Math.min(...times);
  return {
    records: ledger.records + source.beyond,
    seconds: oldest === null ? 0 : Math.max(0, now.getTime() - oldest) / 1_000,
    oldestUnsyncedAt: oldest === null ? null : new Date(oldest),
  };
}
