import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EndReason, Transport } from './subscription.ts';

/** What the engine shows of itself when it is asked. */
export interface EngineState {
  /** Open subscriptions by transport and root field. */
  readonly open: () => Iterable<{ readonly transport: Transport; readonly field: string; readonly count: number }>;
  /** Subscriptions at each subgraph. */
  readonly upstreams: () => Iterable<{ readonly subgraph: string; readonly count: number }>;
  /** Results that wait for clients: all of them, and the most for one. */
  readonly queued: () => { readonly all: number; readonly most: number };
}

/** What the engine tells while it works. */
export interface SubscriptionMetrics {
  eventIn(subgraph: string): void;
  /** One event was given to so many clients, the last of them so long after it had come. */
  eventOut(clients: number, seconds: number): void;
  ended(reason: EndReason, transport: Transport): void;
  /** `upstream`: the engine has resumed by itself. `client`: a client has come with a cursor. */
  resumed(by: 'upstream' | 'client'): void;
  /** From now on `/metrics` shows this engine's state. */
  show(state: EngineState): void;
}

/** Registers the metrics of subscriptions. */
export function subscriptionMetrics(registry: Registry): SubscriptionMetrics {
  const registers = [registry];
  const received = new Counter({
    name: 'lockstep_subscription_events_received_total',
    help: 'Events that subgraphs have sent.',
    labelNames: ['subgraph'],
    registers,
  });
  const delivered = new Counter({
    name: 'lockstep_subscription_events_delivered_total',
    help: 'Results given to clients.',
    registers,
  });
  const latency = new Histogram({
    name: 'lockstep_subscription_delivery_seconds',
    help: 'From the arrival of an event to its delivery to the last of its clients that keep up.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const ends = new Counter({
    name: 'lockstep_subscription_ends_total',
    help: 'Subscriptions that have ended; those with the reason "slow" were closed because their clients did not read.',
    labelNames: ['reason', 'transport'],
    registers,
  });
  const resumes = new Counter({
    name: 'lockstep_subscription_resumes_total',
    help: 'Streams that went on behind a cursor: by the engine itself, or by a client that has come again.',
    labelNames: ['by'],
    registers,
  });
  return {
    eventIn: (subgraph) => received.inc({ subgraph }),
    eventOut: (clients, seconds) => {
      delivered.inc(clients);
      latency.observe(seconds);
    },
    ended: (reason, transport) => ends.inc({ reason, transport }),
    resumed: (by) => resumes.inc({ by }),
    show: (state) => showState(registers, state),
  };
}

function showState(registers: Registry[], { open, upstreams, queued }: EngineState): void {
  new Gauge({
    name: 'lockstep_subscriptions',
    help: 'Open subscriptions of clients.',
    labelNames: ['transport', 'field'],
    registers,
    collect() {
      this.reset();
      for (const { transport, field, count } of open()) this.set({ transport, field }, count);
    },
  });
  new Gauge({
    name: 'lockstep_subscription_upstreams',
    help: 'Open subscriptions at subgraphs.',
    labelNames: ['subgraph'],
    registers,
    collect() {
      this.reset();
      for (const { subgraph, count } of upstreams()) this.set({ subgraph }, count);
    },
  });
  new Gauge({
    name: 'lockstep_subscription_sharing_ratio',
    help: 'Subscriptions of clients for each subscription at a subgraph; 0 when there are none.',
    registers,
    collect() {
      const sum = (counts: Iterable<{ count: number }>): number => [...counts].reduce((all, one) => all + one.count, 0);
      const asked = sum(upstreams());
      this.set(asked === 0 ? 0 : sum(open()) / asked);
    },
  });
  new Gauge({
    name: 'lockstep_subscription_queue_length',
    help: 'Results that wait for clients that do not keep up: all of them, and the most that wait for one.',
    labelNames: ['of'],
    registers,
    collect() {
      const { all, most } = queued();
      this.set({ of: 'all' }, all);
      this.set({ of: 'slowest' }, most);
    },
  });
}
