import { RENEW_MS, STUCK_AFTER_MS, TERM_MS, type Fence } from '#shared/store/lease.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { Process } from './scheduler.ts';
import type { Service } from './service.ts';
import { Table } from './table.ts';
import type { Task } from './task.ts';
import type { Transaction } from './transaction.ts';

interface Row {
  readonly holder: string;
  readonly token: number;
  /** By the database's clock, which is the only one here. */
  readonly expiresAt: number;
}

/** What a process knows of its tenure. */
interface Tenure {
  readonly holder: string;
  token: number | undefined;
  renewAt: number;
}

/** A right that one replica of a service has at a time: each statement of shared/store/lease.ts on rows in memory. */
export class Lease {
  readonly #service: Service;
  readonly #name: string;
  readonly #rows = new Table<Row>('leases');
  readonly #tenures = new Map<string, Tenure>();

  constructor(service: Service, name: string) {
    this.#service = service;
    this.#name = name;
  }

  /** Mirrors `Lease.during`. */
  *during<T>(replica: Process, work: (fence: Fence) => Task<T>): Task<T | undefined> {
    const { world } = this.#service;
    const tenure = this.#tenureOf(replica);
    if (world.now >= tenure.renewAt) yield* this.#takeOrRenew(replica, tenure);
    const { token } = tenure;
    if (token === undefined) return undefined;
    const beat = (): Task<void> => this.#takeOrRenew(replica, tenure);
    const heartbeat = { everyMs: RENEW_MS, forMs: STUCK_AFTER_MS, beat };
    return yield* withHeartbeat({ world, process: replica }, work({ name: this.#name, token }), heartbeat);
  }

  /** Another for every life of a process. */
  #tenureOf({ name, life }: Process): Tenure {
    const holder = `${name}:${life}`;
    const known = this.#tenures.get(holder);
    if (known !== undefined) return known;
    const fresh = { holder, token: undefined, renewAt: -Infinity };
    this.#tenures.set(holder, fresh);
    return fresh;
  }

  *#takeOrRenew(replica: Process, tenure: Tenure): Task<void> {
    const { now } = this.#service.world;
    Object.assign(tenure, { token: undefined, renewAt: -Infinity });
    const token = yield* this.#take(replica, tenure.holder);
    if (token !== undefined) Object.assign(tenure, { token, renewAt: now + RENEW_MS });
  }

  /** Mirrors `take`: a look, then INSERT … ON CONFLICT DO UPDATE … WHERE it is free or its own. */
  *#take(replica: Process, holder: string): Task<number | undefined> {
    const { store } = this.#service;
    const isFree = yield* store.read(replica, '', () => this.#isFree(this.#rows.rows.get(this.#name), holder));
    return isFree ? yield* store.transact(replica, '', (tx) => this.#upsert(tx, holder)) : undefined;
  }

  #isFree(row: Row | undefined, holder: string): boolean {
    return row === undefined || row.holder === holder || row.expiresAt <= this.#service.world.now;
  }

  *#upsert(tx: Transaction, holder: string): Task<number | undefined> {
    const { now, tally } = this.#service.world;
    yield* tx.statement();
    yield* tx.lock(this.#rows, this.#name);
    const row = tx.get(this.#rows, this.#name);
    if (!this.#isFree(row, holder)) return undefined;
    const token = (row?.token ?? 0) + (row?.holder === holder ? 0 : 1);
    if (row !== undefined && row.holder !== holder) tally.leasesTakenOver += 1;
    tx.put(this.#rows, this.#name, { holder, token, expiresAt: now + TERM_MS });
    return token;
  }

  /** Mirrors `fenced`: SELECT … WHERE token = <as taken> FOR SHARE, and the work in the same transaction. */
  *fenced<T>(
    replica: Process,
    { what, fence }: { what: string; fence: Fence },
    work: (tx: Transaction) => Task<T>,
  ): Task<T | undefined> {
    const { world, store } = this.#service;
    const within = function* (this: Lease, tx: Transaction): Task<T | undefined> {
      yield* tx.statement();
      yield* tx.lock(this.#rows, fence.name);
      if (tx.get(this.#rows, fence.name)?.token === fence.token) return yield* work(tx);
      world.tally.fencedOff += 1;
      return undefined;
    }.bind(this);
    return yield* store.transact(replica, what, within);
  }
}
