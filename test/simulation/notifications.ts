import { versionOf, type CloudEvent } from '#shared/cloud-event.ts';
import { profileApplied, replaces, type Profile } from '#notification/domain/profile.ts';
import { userFromSnapshot } from '#user/domain/user-events.ts';
import type { Bus } from './bus.ts';
import { follow } from './consumer.ts';
import { Outbox } from './outbox.ts';
import { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

/** The notification service as far as it copies users; its document and what that has to tell are one row here. */
export class Notifications {
  readonly service: Service;
  readonly outbox: Outbox;
  readonly profiles = new Table<Profile>('profiles');
  readonly #world: World;

  constructor(world: World, bus: Bus) {
    this.#world = world;
    this.service = new Service(world, 'notification');
    this.outbox = new Outbox(this.service, bus);
    follow({
      service: this.service,
      bus,
      durable: 'notification',
      subjects: ['user.*'],
      handle: (tx, event) => this.#note(tx, event),
      afterCommit: (replica) => this.outbox.wake(replica),
    });
  }

  *#note(tx: Transaction, event: CloudEvent): Task<void> {
    const { id: userId, ...user } = userFromSnapshot(event.data);
    const revision = Number(event.revision);
    const profile: Profile = { ...user, userId, revision, version: versionOf(revision) };
    yield* tx.lock(this.profiles, userId);
    yield* tx.statement();
    if (!replaces(tx.get(this.profiles, userId), profile)) return;
    tx.put(this.profiles, userId, profile);
    yield* this.outbox.append(tx, [profileApplied(profile, this.#world.date())]);
  }
}
