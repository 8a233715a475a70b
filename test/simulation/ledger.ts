import type { PositionedEvent } from '#shared/cloud-event.ts';
import { recordOf, type LedgerEntry, type Settlement } from '#shared/events/ledger.ts';
import type { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { Task } from './task.ts';

interface Claim {
  readonly durable: string;
  readonly limit: number;
  readonly now: Date;
  readonly until: Date;
}

const isDone = ({ state }: LedgerEntry): boolean => state === 'APPLIED' || state === 'SUPERSEDED';
const keyOf = ({ durable, eventId }: LedgerEntry): string => `${durable}/${eventId}`;

/** A consumer's ledger: each statement of shared/events/ledger.ts on rows in memory. */
export class Ledger {
  readonly rows = new Table<LedgerEntry>('event_ledger');
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  of(durable: string): LedgerEntry[] {
    return [...this.rows.rows.values()].filter((entry) => entry.durable === durable);
  }

  /** Mirrors `receive`: INSERT … ON CONFLICT (durable, event_id) DO NOTHING RETURNING. */
  *receive(tx: Transaction, durable: string, events: readonly PositionedEvent[]): Task<LedgerEntry[]> {
    const stored: LedgerEntry[] = [];
    for (const positioned of events) {
      const entry = this.#entryOf(durable, positioned);
      yield* tx.lock(this.rows, keyOf(entry));
      if (tx.get(this.rows, keyOf(entry)) !== undefined) continue;
      tx.put(this.rows, keyOf(entry), entry);
      stored.push(entry);
    }
    yield* tx.statement(`stores ${stored.length} events for ${durable}`);
    return stored;
  }

  #entryOf(durable: string, { position, event }: PositionedEvent): LedgerEntry {
    const now = this.#service.world.date();
    return {
      durable,
      eventId: event.id,
      source: event.source,
      position,
      record: recordOf(event),
      revision: Number(event.revision),
      event,
      state: 'PENDING',
      attempts: 0,
      failures: 0,
      occurredAt: new Date(event.time),
      dueAt: now,
      lastError: null,
      receivedAt: now,
      settledAt: null,
      interventions: [],
    };
  }

  /** Mirrors `claim`: due, not behind an earlier event of its record, FOR UPDATE SKIP LOCKED; then the lease. */
  *claim(tx: Transaction, { durable, limit, now, until }: Claim): Task<LedgerEntry[]> {
    yield* tx.statement();
    const mine = this.of(durable).sort((a, b) => a.position - b.position);
    const waiting = mine.filter((entry) => !isDone(entry));
    const due = waiting.filter(
      (entry) => entry.settledAt === null && (entry.state === 'PENDING' || entry.dueAt <= now),
    );
    const free = due.filter((entry) => !this.#isBehind(entry, waiting) && !tx.isLocked(this.rows, keyOf(entry)));
    const claimed: LedgerEntry[] = [];
    for (const entry of free.slice(0, limit)) {
      if (entry.state === 'IN_FLIGHT') this.#service.world.tally.takeovers += 1;
      yield* tx.lock(this.rows, keyOf(entry));
      const taken = { ...entry, state: 'IN_FLIGHT' as const, attempts: entry.attempts + 1, dueAt: until };
      tx.put(this.rows, keyOf(entry), taken);
      claimed.push(taken);
    }
    if (claimed.length > 0) yield* tx.statement();
    return claimed;
  }

  #isBehind(entry: LedgerEntry, waiting: readonly LedgerEntry[]): boolean {
    if (this.#service.world.has('dead-letter-blocks-others')) {
      return waiting.some(({ state, position }) => state === 'DEAD_LETTERED' && position < entry.position);
    }
    return waiting.some(
      ({ source, record, position }) => source === entry.source && record === entry.record && position < entry.position,
    );
  }

  /** Mirrors `settle`: UPDATE … WHERE state = 'IN_FLIGHT' AND attempts = <as claimed>; returns what was written. */
  *settle(tx: Transaction, settlements: readonly Settlement[], now: Date): Task<Settlement[]> {
    const written: Settlement[] = [];
    for (const settlement of settlements) {
      const { entry, state, error, failed, dueAt } = settlement;
      yield* tx.lock(this.rows, keyOf(entry));
      const row = tx.get(this.rows, keyOf(entry));
      if (row?.state !== 'IN_FLIGHT' || row.attempts !== entry.attempts) continue;
      const failures = entry.failures + (failed === true ? 1 : 0);
      const settledAt = state === 'RETRYING' ? null : now;
      tx.put(this.rows, keyOf(entry), {
        ...row,
        state,
        lastError: error ?? null,
        failures,
        dueAt: dueAt ?? now,
        settledAt,
      });
      written.push(settlement);
    }
    yield* tx.statement();
    return written;
  }

  /** Mirrors `renew`: UPDATE … SET due_at WHERE state = 'IN_FLIGHT' AND attempts = <as claimed>. */
  *renew(tx: Transaction, entries: readonly LedgerEntry[], until: Date): Task<void> {
    for (const entry of entries) {
      yield* tx.lock(this.rows, keyOf(entry));
      const row = tx.get(this.rows, keyOf(entry));
      if (row?.state !== 'IN_FLIGHT' || row.attempts !== entry.attempts) continue;
      tx.put(this.rows, keyOf(entry), { ...row, dueAt: until });
    }
    yield* tx.statement();
  }

  /** Mirrors `claimUpTo`: takes the open events of a record up to a revision, whatever they wait for. */
  *claimUpTo(tx: Transaction, durable: string, upTo: ReadonlyMap<string, number>): Task<LedgerEntry[]> {
    const claimed: LedgerEntry[] = [];
    yield* tx.statement();
    for (const entry of tx.values(this.rows)) {
      if (entry.durable !== durable) continue;
      const revision = upTo.get(entry.record);
      if (revision === undefined || entry.settledAt !== null || entry.revision > revision) continue;
      yield* tx.lock(this.rows, keyOf(entry));
      const row = tx.get(this.rows, keyOf(entry)) ?? entry;
      if (row.settledAt !== null) continue;
      const taken = { ...row, state: 'IN_FLIGHT' as const, attempts: row.attempts + 1 };
      tx.put(this.rows, keyOf(entry), taken);
      claimed.push(taken);
    }
    return claimed;
  }
}
