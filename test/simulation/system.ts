import { CURRENCY, type Product } from '#inventory/domain/product.ts';
import { PIPELINES } from '#sync/domain/pipeline.ts';
import type { CloudEvent } from '#shared/cloud-event.ts';
import { Bus } from './bus.ts';
import { follow } from './consumer.ts';
import { Inventory } from './inventory.ts';
import { Notifications } from './notifications.ts';
import { Orders } from './orders.ts';
import type { Outbox } from './outbox.ts';
import type { Process } from './scheduler.ts';
import type { Service } from './service.ts';
import type { Transaction } from './transaction.ts';
import { Sync } from './sync.ts';
import { Target } from './target.ts';
import type { Task } from './task.ts';
import { Users } from './users.ts';
import type { World } from './world.ts';

const REPLICAS = 2;

/** The whole of it, in memory. */
export interface System {
  readonly bus: Bus;
  readonly inventory: Inventory;
  readonly orders: Orders;
  readonly users: Users;
  readonly notifications: Notifications;
  readonly sync: Sync;
  readonly target: Target;
  readonly services: readonly Service[];
  readonly outboxes: ReadonlyMap<string, Outbox>;
  /** What there is of each product at the start. */
  readonly stock: ReadonlyMap<string, number>;
  readonly userIds: readonly string[];
  /** Everything that can be killed or stopped. */
  readonly processes: readonly Process[];
}

export function startSystem(world: World): System {
  const { wishes } = world;
  const bus = new Bus(world);
  const stock = new Map(['PROD-001', 'PROD-002', 'PROD-003'].map((id) => [id, wishes.between(3, 25)]));
  const userIds = ['ann', 'bob', 'cy'];
  const inventory = new Inventory(
    world,
    bus,
    Array.from(stock, ([id, available]) => product(world, id, available)),
  );
  const users = new Users(world, bus, userIds);
  const orders = new Orders(world, bus, inventory);
  const notifications = new Notifications(world, bus);
  const target = new Target(world);
  const sync = new Sync(world, { bus, target, pipelines: PIPELINES });
  const customers = { service: orders.service, bus, durable: 'order-customers', subjects: ['user.*'] };
  follow({ ...customers, handle: (tx, event) => noteCustomer(orders, tx, event) });
  const services = [inventory, users, orders, notifications, sync].map(({ service }) => service);
  for (const service of services) service.start(REPLICAS);
  const outboxes = new Map([inventory, users, orders, notifications].map((one) => [one.service.name, one.outbox]));
  const processes = [...services.flatMap(({ replicas }) => replicas), bus.process, target.process];
  return { bus, inventory, orders, users, notifications, sync, target, services, outboxes, stock, userIds, processes };
}

function product(world: World, id: string, available: number): Product {
  const priceAmount = world.wishes.between(100, 9_999);
  return {
    id,
    name: id,
    description: '',
    priceAmount,
    currency: CURRENCY,
    available,
    held: 0,
    version: 1,
    updatedAt: world.date(),
  };
}

/** Mirrors `noteCustomer`: ON CONFLICT DO UPDATE … WHERE excluded.revision > revision. */
function* noteCustomer({ customers }: Orders, tx: Transaction, event: CloudEvent): Task<void> {
  const revision = Number(event.revision);
  yield* tx.lock(customers, event.subject);
  yield* tx.statement();
  if (revision <= (tx.get(customers, event.subject)?.revision ?? -1)) return;
  tx.put(customers, event.subject, { status: (event.data as { status: string }).status, revision });
}
