import type { CloudEvent, PositionedEvent } from '#shared/cloud-event.ts';
import type { LedgerEntry, Settlement } from '#shared/events/ledger.ts';
import { afterFailure } from '#shared/events/retrying.ts';
import type { Bus } from './bus.ts';
import { Ledger } from './ledger.ts';
import type { Process } from './scheduler.ts';
import type { Service } from './service.ts';
import type { Transaction } from './store.ts';
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

const CLAIM_MS = 10_000;
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
  const settlements: Settlement[] = [];
  for (const entry of entries) settlements.push(yield* handled(following, replica, entry));
  yield* service.store.transact(replica, '', (tx) => ledger.settle(tx, settlements, service.world.date()));
  return entries.length;
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
