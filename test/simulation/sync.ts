import type { PositionedEvent } from '#shared/cloud-event.ts';
import { recordOf, type LedgerEntry, type Settlement } from '#shared/events/ledger.ts';
import { latestPerRecord } from '#sync/commands/receive-events.ts';
import { CLAIM_MS, decideAttempt, STUCK_AFTER_MS, toAttempted, type Attempt } from '#sync/commands/replicate.ts';
import {
  isObservation,
  OBSERVED_TYPE,
  observationOf,
  roundsOf,
  stateUnder,
  type Observation,
} from '#sync/domain/observation.ts';
import type { Pipeline } from '#sync/domain/pipeline.ts';
import { recordSyncChange } from '#sync/domain/record-events.ts';
import type { RecordSync } from '#sync/domain/record-sync.ts';
import { replicaOf } from '#sync/domain/replica.ts';
import type { Attempted, Received } from '#sync/store/record-syncs.ts';
import type { ApplyResult } from '#sync/store/targets/target.ts';
import type { Bus } from './bus.ts';
import { withHeartbeat } from './heartbeat.ts';
import { Ledger } from './ledger.ts';
import { call } from './network.ts';
import type { Process } from './scheduler.ts';
import { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { Target } from './target.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

const BATCH = 10;
const POLL_MS = 2_000;
const INTERVAL_MS = 5_000;
const TARGET_PATIENCE_MS = 3_000;

/** The sync service: pipelines that take records to the target, and one that only watches. */
export class Sync {
  readonly service: Service;
  readonly ledger: Ledger;
  readonly records = new Table<RecordSync>('record_syncs');
  readonly #world: World;
  readonly #target: Target;

  constructor(world: World, parts: { bus: Bus; target: Target; pipelines: readonly Pipeline[] }) {
    this.#world = world;
    this.#target = parts.target;
    this.service = new Service(world, 'sync');
    this.ledger = new Ledger(this.service);
    for (const pipeline of parts.pipelines) {
      if (pipeline.driven) this.#drive(parts.bus, pipeline);
      else this.#watch(parts.bus, pipeline);
    }
  }

  #drive(bus: Bus, pipeline: Pipeline): void {
    const { service } = this;
    const wake = service.worker({ pollMs: POLL_MS, runOnce: (replica) => this.#replicateOnce(replica, pipeline) });
    const onBatch = function* (this: Sync, replica: Process, events: readonly PositionedEvent[]): Task<void> {
      yield* service.store.transact(replica, '', (tx) => this.#receive(tx, pipeline, events));
      wake(replica);
    }.bind(this);
    bus.subscribe(service, { durable: pipeline.id, subjects: pipeline.subjects, onBatch });
  }

  /** Mirrors `receiveEvents`. */
  *#receive(tx: Transaction, pipeline: Pipeline, events: readonly PositionedEvent[]): Task<void> {
    const received = latestPerRecord(yield* this.ledger.receive(tx, pipeline.id, events));
    for (const one of received) yield* this.#noteReceived(tx, pipeline, one);
    const recordIds = received.map(({ recordId }) => recordId);
    if (!pipeline.driven) yield* this.#settleObserved(tx, pipeline, recordIds);
  }

  /** Mirrors `noteReceived`: greatest(source_revision), and PENDING again what was done with an older one. */
  *#noteReceived(tx: Transaction, { entity, target }: Pipeline, { recordId, revision, ownerId }: Received): Task<void> {
    const key = keyOf({ entity, target }, recordId);
    yield* tx.lock(this.records, key);
    const known = tx.get(this.records, key);
    const fresh = { ...unheardOf, entity, recordId, target, ownerId, sourceRevision: revision };
    const isNewer = revision > (known?.targetRevision ?? -1);
    const isDone = known?.state === 'APPLIED' || known?.state === 'SUPERSEDED';
    const sourceRevision = Math.max(known?.sourceRevision ?? 0, revision);
    tx.put(
      this.records,
      key,
      known === undefined
        ? fresh
        : { ...known, ownerId, sourceRevision, ...(isNewer && isDone && { state: 'PENDING' }) },
    );
    yield* tx.statement();
  }

  /** Mirrors `replicateOnce`: claim → apply → settle, two transactions around the call. */
  *#replicateOnce(replica: Process, pipeline: Pipeline): Task<number> {
    const { store } = this.service;
    const entries = yield* store.transact(replica, '', (tx) => this.#claimDue(tx, pipeline));
    if (entries.length === 0) return 0;
    const results = yield* withHeartbeat(
      { world: this.#world, process: replica },
      this.#apply(replica, pipeline, entries),
      { everyMs: CLAIM_MS / 3, forMs: STUCK_AFTER_MS, beat: () => this.#renew(replica, entries) },
    );
    const what = `settles ${entries.length} of ${pipeline.id}`;
    yield* store.transact(replica, what, (tx) => this.#settle(tx, pipeline, { entries, results }));
    return entries.length;
  }

  *#renew(replica: Process, entries: readonly LedgerEntry[]): Task<void> {
    const until = new Date(this.#world.now + CLAIM_MS);
    yield* this.service.store.transact(replica, '', (tx) => this.ledger.renew(tx, entries, until));
  }

  *#claimDue(tx: Transaction, pipeline: Pipeline): Task<LedgerEntry[]> {
    const now = this.#world.date();
    const until = new Date(now.getTime() + CLAIM_MS);
    const entries = yield* this.ledger.claim(tx, { durable: pipeline.id, limit: BATCH, now, until });
    for (const { event } of entries) {
      yield* this.#change(tx, keyOf(pipeline, event.subject), (record) => ({
        ...record,
        state: 'IN_FLIGHT',
        nextAttemptAt: null,
      }));
    }
    return entries;
  }

  *#change(tx: Transaction, key: string, change: (record: RecordSync) => RecordSync): Task<RecordSync | undefined> {
    yield* tx.lock(this.records, key);
    const record = tx.get(this.records, key);
    if (record === undefined) return undefined;
    const changed = change(record);
    tx.put(this.records, key, changed);
    return changed;
  }

  *#apply(
    replica: Process,
    { entity }: Pipeline,
    entries: readonly LedgerEntry[],
  ): Task<Map<string, ApplyResult> | string> {
    const replicas = entries.map(({ event }) => replicaOf(entity, event));
    try {
      const results = yield* call(this.#world, {
        from: replica,
        to: [this.#target.process],
        what: `apply ${entity} ${replicas.map(({ id }) => id).join(' ')}`,
        timeoutMs: TARGET_PATIENCE_MS,
        work: () => this.#target.apply(entity, replicas),
      });
      return new Map(results.map((result) => [result.id, result]));
    } catch (error) {
      this.#world.expected(error);
      return String(error);
    }
  }

  *#settle(
    tx: Transaction,
    pipeline: Pipeline,
    { entries, results }: { entries: readonly LedgerEntry[]; results: Map<string, ApplyResult> | string },
  ): Task<void> {
    const now = this.#world.date();
    const resultOf = ({ event }: LedgerEntry): ApplyResult | { unreachable: string } =>
      (typeof results === 'string' ? undefined : results.get(event.subject)) ?? {
        unreachable: typeof results === 'string' ? results : 'the target said nothing of this record',
      };
    const wanted = entries.map((entry) => decideAttempt(entry, resultOf(entry), { now, intervalMs: INTERVAL_MS }));
    const written = new Set<Settlement>(yield* this.ledger.settle(tx, wanted, now));
    for (const attempt of wanted.filter((each) => written.has(each))) yield* this.#note(tx, pipeline, attempt);
    yield* tx.statement();
  }

  *#note(tx: Transaction, pipeline: Pipeline, attempt: Attempt): Task<void> {
    const { entry, state } = attempt;
    if (state === 'DEAD_LETTERED') this.#world.tally.deadLettered += 1;
    const attempted = toAttempted(attempt);
    const row = yield* this.#change(tx, keyOf(pipeline, entry.event.subject), (record) =>
      afterAttempt(record, attempted),
    );
    if (row !== undefined) this.#tell(pipeline, row, state);
  }

  /** What is told is true by then: whoever hears of a version finds it at the target. */
  #tell({ entity, target }: Pipeline, record: RecordSync, state: Attempt['state']): void {
    const { recordId, targetRevision } = record;
    const told = recordSyncChange(record, state, this.#world.date());
    if (told?.type !== 'replica.applied' || target !== 'oracle') return;
    const held = this.#target.rows.get(`${entity}/${recordId}`)?.revision ?? -1;
    const isTrue = held >= (targetRevision ?? Infinity);
    this.#world.claim(
      isTrue,
      'what is told is so',
      () => `${recordId} ${targetRevision}, and the target holds ${held}`,
    );
  }

  /** Mirrors `observeTarget`. */
  #watch(bus: Bus, pipeline: Pipeline): void {
    const { store } = this.service;
    const onBatch = function* (this: Sync, replica: Process, batch: readonly PositionedEvent[]): Task<void> {
      const own = batch.filter(({ event }) => event.source === pipeline.source);
      if (own.length > 0) yield* store.transact(replica, '', (tx) => this.#receive(tx, pipeline, own));
      const told = batch.map(({ event }) => event).filter((event) => isObservation(pipeline, event));
      const rounds = roundsOf(told.flatMap((event) => observationOf(pipeline, event) ?? []));
      for (const round of rounds)
        yield* store.transact(replica, 'observes', (tx) => this.#observe(tx, pipeline, round));
    }.bind(this);
    bus.subscribe(this.service, { durable: pipeline.id, subjects: [...pipeline.subjects, OBSERVED_TYPE], onBatch });
  }

  /** Mirrors `observeRound`: `noteObserved` locks each record's row before the ledger is looked at. */
  *#observe(tx: Transaction, pipeline: Pipeline, round: readonly Observation[]): Task<void> {
    const { entity, target } = pipeline;
    const sorted = [...round].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
    for (const { recordId, ownerId, targetRevision } of sorted) {
      const key = keyOf({ entity, target }, recordId);
      yield* tx.lock(this.records, key);
      const known = tx.get(this.records, key);
      const fresh = { ...unheardOf, entity, recordId, target, ownerId, sourceRevision: targetRevision };
      const record = known ?? fresh;
      if (targetRevision <= (record.targetRevision ?? -1)) continue;
      const state = targetRevision >= record.sourceRevision ? 'APPLIED' : record.state;
      const sourceRevision = Math.max(record.sourceRevision, targetRevision);
      tx.put(this.records, key, { ...record, targetRevision, sourceRevision, state });
    }
    yield* tx.statement();
    yield* this.#settleObserved(tx, pipeline, [...new Set(sorted.map(({ recordId }) => recordId))]);
  }

  /** Mirrors `settleObserved`. */
  *#settleObserved(tx: Transaction, pipeline: Pipeline, recordIds: readonly string[]): Task<void> {
    const { entity, target, subjects } = pipeline;
    const [type = ''] = subjects;
    yield* tx.statement();
    const held = new Map<string, number>();
    for (const subject of recordIds) {
      const revision = tx.get(this.records, keyOf({ entity, target }, subject))?.targetRevision;
      if (revision != null) held.set(recordOf({ type, subject }), revision);
    }
    const entries = yield* this.ledger.claimUpTo(tx, pipeline.id, held);
    const settlements = entries.flatMap((entry): Settlement[] => {
      const state = stateUnder(entry.revision, held.get(entry.record) ?? 0);
      return state === 'PENDING' ? [] : [{ entry, state }];
    });
    yield* this.ledger.settle(tx, settlements, this.#world.date());
  }
}

const keyOf = ({ entity, target }: Pick<Pipeline, 'entity' | 'target'>, recordId: string): string =>
  `${entity}/${recordId}/${target}`;

const unheardOf = {
  targetRevision: null,
  state: 'PENDING',
  attempts: 0,
  nextAttemptAt: null,
  lastError: null,
} as const;

/** Mirrors the UPDATE of `noteAttempted`. */
function afterAttempt(record: RecordSync, done: Attempted): RecordSync {
  const { attempts, nextAttemptAt, lastError, failure } = done;
  const known = [record.targetRevision, done.targetRevision].filter((revision) => revision !== null);
  const targetRevision = known.length === 0 ? null : Math.max(...known);
  const compared = (targetRevision ?? -1) - record.sourceRevision;
  const state = compared === 0 ? 'APPLIED' : compared > 0 ? 'SUPERSEDED' : 'PENDING';
  return { ...record, targetRevision, state: failure ?? state, attempts, nextAttemptAt, lastError };
}
