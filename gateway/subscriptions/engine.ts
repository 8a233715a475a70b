import { invariant } from '#shared/invariant.ts';
import type { Executor } from '../execution/executor.ts';
import { coerceVariables } from '../execution/variables.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { Admission, type SubscriptionLimits } from './admission.ts';
import { Channel, type Rest } from './channel.ts';
import { endAt, endingOf, LIMITED, REPLACED, STOPPING, type Ending } from './ends.ts';
import { identityOf } from './identity.ts';
import { Member } from './member.ts';
import type { SubscriptionMetrics } from './metrics.ts';
import { streamOperation, type StreamOperation } from './stream-operation.ts';
import type { Sink, Subscription, SubscriptionRequest, Transport } from './subscription.ts';
import { Turns } from './turns.ts';
import type { Upstream } from './upstream.ts';

/** What carries out operations now. */
export interface Serving {
  readonly supergraph: Supergraph;
  readonly executor: Executor;
  /** By name of the subgraph. Those of unchanged subgraphs are the same as before. */
  readonly upstreams: Readonly<Record<string, Upstream>>;
}

export interface EngineOptions {
  readonly serving: Serving;
  readonly metrics: SubscriptionMetrics;
  readonly limits: SubscriptionLimits;
  /** For how long a subgraph that was lost is tried again. */
  readonly resumeWithinMs: number;
  /** Over which time clients are told that the supergraph was replaced. */
  readonly replacedWithinMs?: number;
  /** What subscriptions must have in common to be one at the subgraph. */
  readonly shareKey?: (request: SubscriptionRequest, operation: StreamOperation) => string;
}

/** Fetches for events that may be under way at the same time, over all subscriptions: each is answered within some milliseconds. */
const MOST_EXECUTIONS = 64;
/** All at once would come back all at once. */
const REPLACED_WITHIN_MS = 10_000;

type Ready = { readonly operation: StreamOperation; readonly rest: Rest; readonly upstream: Upstream };

/**
 * Federated subscriptions over any supergraph: the planner's primary operation runs as a subscription at its subgraph, and for each event
 * the rest of the plan fetches the fields of other subgraphs under the subscriber's identity. Knows no transport: clients are sinks.
 */
export class SubscriptionEngine {
  readonly #options: EngineOptions;
  readonly #turns = new Turns(MOST_EXECUTIONS);
  readonly #groups = new Map<string, Set<Channel>>();
  /** What each channel was opened for, and in which group it is. */
  readonly #opened = new Map<Channel, { readonly key: string; readonly request: SubscriptionRequest }>();
  readonly #members = new Map<Member, { channel: Channel | undefined; readonly leave: () => void }>();
  readonly #admission: Admission;
  #serving: Serving;
  #stopping = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#serving = options.serving;
    this.#admission = new Admission(options.limits);
    options.metrics.show({
      open: () => this.#countOpen(),
      upstreams: () => this.#countUpstreams(),
      queued: () => this.#countQueued(),
    });
  }

  /**
   * Begins a subscription. What goes wrong, now or later, comes through `sink.end`, never before this has returned: `UNAUTHENTICATED`,
   * `FORBIDDEN` or bad input as the subgraph says, `CURSOR_EXPIRED`, `RATE_LIMITED` for too many, `SLOW_CONSUMER`,
   * `SUBGRAPH_UNAVAILABLE`, `SUPERGRAPH_REPLACED`, `SHUTTING_DOWN`.
   */
  subscribe(request: SubscriptionRequest, sink: Sink): Subscription {
    const ready = this.#prepare(request);
    if ('reason' in ready) return this.#refuse(request, sink, ready);
    const { operation } = ready;
    const leave = this.#admission.enter(request);
    if (leave === undefined) return this.#refuse(request, sink, LIMITED);
    const member = new Member({
      sink,
      context: request.context,
      transport: request.transport,
      field: operation.field,
      checkpoints: request.checkpoints,
      after: operation.after,
      onEnd: (ended, reason) => this.#ended(ended, reason),
    });
    this.#members.set(member, { channel: undefined, leave });
    if (operation.after !== undefined) this.#options.metrics.resumed('client');
    // What is already there to be told must not come before the transport knows its subscription.
    queueMicrotask(() => {
      if (this.#members.has(member)) this.#join(member, request, ready);
    });
    return member;
  }

  /**
   * Goes on with another supergraph. Subscriptions that ask their subgraph the same as before are carried over; all others are told within
   * some seconds that their operation was replaced. Resolves when what was used before is used no more.
   */
  async replace(serving: Serving): Promise<void> {
    this.#serving = serving;
    const retired: Promise<void>[] = [];
    for (const [channel, { request }] of this.#opened) {
      const ready = this.#prepare(request);
      if (!('reason' in ready) && asksTheSame(channel.operation, ready.operation)) channel.carryOver(ready.rest);
      else retired.push(channel.retire(this.#options.replacedWithinMs ?? REPLACED_WITHIN_MS));
    }
    await Promise.all(retired);
  }

  /** Tells everybody that the gateway stops, and takes nobody any more. */
  stop(): void {
    this.#stopping = true;
    for (const channel of this.#opened.keys()) channel.end(STOPPING);
    for (const member of this.#members.keys()) member.end(STOPPING);
  }

  #prepare(request: SubscriptionRequest): Ready | Ending {
    if (this.#stopping) return STOPPING;
    const { supergraph, executor, upstreams } = this.#serving;
    try {
      const checked = supergraph.documents.read(request.document.loc?.source.body ?? '');
      if (!('kind' in checked)) return REPLACED;
      const planned = supergraph.plan(checked, request.operationName);
      const coerced = coerceVariables(supergraph.documents.schema, planned.operation, request.variables);
      if ('errors' in coerced) return { reason: 'refused', errors: coerced.errors };
      const { variables } = coerced;
      const asked = streamOperation(supergraph, { planned, document: checked }, variables);
      const operation = asked.resumable ? { ...asked, after: request.after ?? asked.after } : asked;
      const { name } = operation.subgraph;
      const upstream = upstreams[name];
      invariant(upstream !== undefined, `the supergraph's subgraph ${name} has an upstream`);
      return { operation, rest: { planned, variables, executor }, upstream };
    } catch (error) {
      return endingOf(error, request.context);
    }
  }

  #refuse(request: SubscriptionRequest, sink: Sink, end: Ending): Subscription {
    let left = false;
    queueMicrotask(() => {
      if (left) return;
      this.#options.metrics.ended(end.reason, request.transport);
      sink.end(endAt(end, undefined));
    });
    return {
      drained: () => undefined,
      leave: () => {
        left = true;
      },
      refresh: () => true,
    };
  }

  #join(member: Member, request: SubscriptionRequest, ready: Ready): void {
    const { after } = ready.operation;
    const key = this.#shareKey(request, ready.operation);
    const group = this.#groups.get(key) ?? new Set();
    this.#groups.set(key, group);
    const known = [...group].find((channel) => channel.accepts(after));
    const channel = known ?? this.#open(key, request, ready);
    this.#move(member, channel);
    channel.join(member, known === undefined ? undefined : after);
    if (known === undefined) channel.open();
  }

  #shareKey(request: SubscriptionRequest, operation: StreamOperation): string {
    const { shareKey } = this.#options;
    return shareKey?.(request, operation) ?? `${identityOf(request.context)}\n${operation.key}`;
  }

  #open(key: string, request: SubscriptionRequest, { operation, rest, upstream }: Ready): Channel {
    const channel = new Channel({
      operation,
      upstream,
      rest,
      context: request.context,
      turns: this.#turns,
      metrics: this.#options.metrics,
      resumeWithinMs: this.#options.resumeWithinMs,
      onPlace: (at, cursor) => this.#meet(at, cursor),
      onClose: (closed) => this.#closed(closed),
    });
    this.#opened.set(channel, { key, request });
    this.#groups.get(key)?.add(channel);
    return channel;
  }

  /** One channel is enough for all who stand at the same place: whoever comes to where another one is, or was, joins it. */
  #meet(channel: Channel, cursor: string): void {
    const group = this.#groups.get(this.#opened.get(channel)?.key ?? '');
    if (group === undefined || group.size < 2 || !channel.accepts(cursor)) return;
    const other = [...group].find((each) => each !== channel && each.accepts(cursor));
    if (other === undefined) return;
    for (const member of channel.members) this.#move(member, other);
    channel.mergeInto(other, cursor);
  }

  #move(member: Member, channel: Channel): void {
    const place = this.#members.get(member);
    if (place !== undefined) place.channel = channel;
  }

  #closed(channel: Channel): void {
    const key = this.#opened.get(channel)?.key ?? '';
    this.#opened.delete(channel);
    const group = this.#groups.get(key);
    group?.delete(channel);
    if (group?.size === 0) this.#groups.delete(key);
  }

  #ended(member: Member, reason: Parameters<SubscriptionMetrics['ended']>[0]): void {
    const place = this.#members.get(member);
    this.#members.delete(member);
    this.#options.metrics.ended(reason, member.transport);
    place?.leave();
    place?.channel?.left(member);
  }

  *#countOpen(): Generator<{ transport: Transport; field: string; count: number }> {
    const kinds = Map.groupBy(this.#members.keys(), ({ transport, field }) => `${transport} ${field}`);
    for (const [first, ...others] of kinds.values()) {
      if (first !== undefined) yield { transport: first.transport, field: first.field, count: others.length + 1 };
    }
  }

  *#countUpstreams(): Generator<{ subgraph: string; count: number }> {
    const names = Map.groupBy(this.#opened.keys(), ({ operation }) => operation.subgraph.name);
    for (const [subgraph, channels] of names) yield { subgraph, count: channels.length };
  }

  #countQueued(): { all: number; most: number } {
    let all = 0;
    let most = 0;
    for (const { queueLength } of this.#members.keys()) {
      all += queueLength;
      most = Math.max(most, queueLength);
    }
    return { all, most };
  }
}

function asksTheSame(one: StreamOperation, other: StreamOperation): boolean {
  const asked = ({ subgraph, upstream }: StreamOperation): string =>
    JSON.stringify([subgraph.name, subgraph.url, upstream(undefined)]);
  return asked(one) === asked(other);
}
