import type { ExecutionResult } from 'graphql';
import type { Delivery } from '#gateway/subscriptions/delivery.ts';
import type { Sink, StreamEnd } from '#gateway/subscriptions/subscription.ts';
import { until } from './poll.ts';

/** A client of the subscription engine that keeps what it is told. */
export class RecordingSink implements Sink {
  readonly deliveries: Delivery[] = [];
  readonly ends: StreamEnd[] = [];
  /** What `write` answers: false is a client that does not keep up. */
  takes = true;

  write(delivery: Delivery): boolean {
    this.deliveries.push(delivery);
    return this.takes;
  }

  end(end: StreamEnd): void {
    this.ends.push(end);
  }

  get results(): ExecutionResult[] {
    return this.deliveries.map(({ json }) => JSON.parse(json) as ExecutionResult);
  }

  /** The results, once there are so many. */
  async told(count: number): Promise<ExecutionResult[]> {
    await until(() => this.deliveries.length >= count, { what: `${count} results` });
    return this.results;
  }

  /** How it ended, once it has. */
  async ended(): Promise<StreamEnd> {
    await until(() => this.ends.length > 0, { what: 'the end of a stream' });
    return this.ends[0]!;
  }
}
