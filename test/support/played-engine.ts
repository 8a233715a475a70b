import { GraphQLError } from 'graphql';
import { Delivery } from '#gateway/subscriptions/delivery.ts';
import type { EndReason, Sink, Subscription, SubscriptionRequest } from '#gateway/subscriptions/subscription.ts';

/** The engine's side of one subscription, played by a test. */
export class PlayedSubscription implements Subscription {
  readonly request: SubscriptionRequest;
  /** How often the connection has said that it takes more again. */
  drains = 0;
  left = false;
  readonly #sink: Sink;

  constructor(request: SubscriptionRequest, sink: Sink) {
    this.request = request;
    this.#sink = sink;
  }

  /** False when the connection takes no more. */
  tell(data: unknown, cursor?: string): boolean {
    const extensions = cursor === undefined ? {} : { extensions: { cursor } };
    return this.give(new Delivery(JSON.stringify({ data, ...extensions }), { cursor }));
  }

  /** How far the stream has come, without an event. */
  mark(cursor: string): boolean {
    const extensions = { cursor, checkpoint: true };
    return this.give(new Delivery(JSON.stringify({ data: null, extensions }), { cursor, checkpoint: true }));
  }

  give(delivery: Delivery): boolean {
    return this.#sink.write(delivery);
  }

  end(reason: Exclude<EndReason, 'left'> = 'complete', code?: string): void {
    const errors = code === undefined ? [] : [new GraphQLError(`It has ended: ${reason}.`, { extensions: { code } })];
    this.#sink.end({ reason, errors });
  }

  drained(): void {
    this.drains += 1;
  }

  leave(): void {
    this.left = true;
  }

  refresh(): boolean {
    return true;
  }
}

/** Stands where the subscription engine does, for tests of the transports: what a subscription tells, the test says. */
export class PlayedEngine {
  readonly subscriptions: PlayedSubscription[] = [];
  /** What each new subscription does right behind `subscribe`, as the engine refuses. */
  first: (subscription: PlayedSubscription) => void = () => undefined;
  #arrived = Promise.withResolvers<void>();
  #taken = 0;

  subscribe(request: SubscriptionRequest, sink: Sink): Subscription {
    const subscription = new PlayedSubscription(request, sink);
    this.subscriptions.push(subscription);
    queueMicrotask(() => this.first(subscription));
    this.#arrived.resolve();
    return subscription;
  }

  stop(): void {
    for (const subscription of this.subscriptions)
      if (!subscription.left) subscription.end('stopping', 'SHUTTING_DOWN');
  }

  /** Subscriptions that were not taken yet. */
  get waiting(): number {
    return this.subscriptions.length - this.#taken;
  }

  /** The next subscription that was not taken yet. */
  async next(): Promise<PlayedSubscription> {
    for (;;) {
      const subscription = this.subscriptions[this.#taken];
      if (subscription !== undefined) {
        this.#taken += 1;
        return subscription;
      }
      this.#arrived = Promise.withResolvers<void>();
      await this.#arrived.promise;
    }
  }
}
