import type { CloudEvent, PositionedEvent } from '#shared/cloud-event.ts';
import type { LedgerEntry, Settlement } from '#shared/events/ledger.ts';
import { CLAIM_MS } from '#shared/events/consumer.ts';
import { afterFailure } from '#shared/events/retrying.ts';
import type { Bus } from './bus.ts';
import { withHeartbeat } from './heartbeat.ts';
import { Ledger } from './ledger.ts';
import type { Process } from './scheduler.ts';
import type { Service } from './service.ts';
import type { Transaction } from './transaction.ts';
import type { Task } from './task.ts';

interface Following {
  readonly service: Service;
  readonly bus: Bus;
  readonly durable: string;
  readonly subjects: readonly string[];
  /** Does what is to be done about an event; guarded by revision. */
  readonly handle: (tx: Transaction, event: CloudEvent) => Task<void>;
  readonly afterCommit?: (replica: Process) => void;
}

const POLL_MS = 2_000;
const MOST_AT_ONCE = 8;

/** Handles other services' events on every replica; modelled on shared/events/consumer.ts, without its handlers side by side. */
export function follow(following: Following): Ledger {
  const { service, bus, durable, subjects } = following;
  const ledger = new Ledger(service);
  const wake = service.worker({ pollMs: POLL_MS, runOnce: (replica) => handleOnce(following, ledger, replica) });
  function* onBatch(replica: Process, events: readonly PositionedEvent[]): Task<void> {
    yield* service.store.transact(replica, '', (tx) => ledger.receive(tx, durable, events));
    wake(replica);
  }
  bus.subscribe(service, { durable, subjects, onBatch });
  return ledger;
}

function* handleOnce(following: Following, ledger: Ledger, replica: Process): Task<number> {
  const { service, durable } = following;
  const now = service.world.date();
  const until = new Date(now.getTime() + CLAIM_MS);
  const entries = yield* service.store.transact(replica, '', (tx) =>
    ledger.claim(tx, { durable, limit: MOST_AT_ONCE, now, until }),
  );
  if (entries.length === 0) return 0;
  const settlements = yield* withHeartbeat(
    { world: service.world, process: replica },
    handleAll(following, replica, entries),
    { everyMs: CLAIM_MS / 2, beat: () => renew(following, replica, { ledger, entries }) },
  );
  yield* service.store.transact(replica, '', (tx) => ledger.settle(tx, settlements, service.world.date()));
  return entries.length;
}

function* handleAll(following: Following, replica: Process, entries: readonly LedgerEntry[]): Task<Settlement[]> {
  const settlements: Settlement[] = [];
  for (const entry of entries) settlements.push(yield* handled(following, replica, entry));
  return settlements;
}

function* renew(
  { service }: Following,
  replica: Process,
  { ledger, entries }: { ledger: Ledger; entries: readonly LedgerEntry[] },
): Task<void> {
  const until = new Date(service.world.now + CLAIM_MS);
  yield* service.store.transact(replica, '', (tx) => ledger.renew(tx, entries, until));
}

function* handled(following: Following, replica: Process, entry: LedgerEntry): Task<Settlement> {
  const { service, handle, durable, afterCommit } = following;
  const { event, revision } = entry;
  try {
    const what = `${durable} handles ${event.subject} ${revision}`;
    yield* service.store.transact(replica, what, (tx) => handle(tx, event));
    afterCommit?.(replica);
    return { entry, state: 'APPLIED' };
  } catch (error) {
    service.world.expected(error);
    // What is away is waited for without end; the model knows no other failure of a handler.
    const { dueAt = service.world.date() } = afterFailure(
      { ...entry, failures: 0 },
      String(error),
      service.world.date(),
    );
    return { entry, state: 'RETRYING', error: String(error), dueAt };
  }
}
