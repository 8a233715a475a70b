import { translateError } from '#shared/graphql/errors.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { Wakeup } from '#shared/stream.ts';
import { subscriptionPlan, type Executor } from '../execution/executor.ts';
import type { Variables } from '../execution/variables.ts';
import type { PlannedOperation } from '../supergraph/supergraph.ts';
import { checkpointAt, Delivery } from './delivery.ts';
import { endingOf, OUTPACED, REPLACED, type Ending } from './ends.ts';
import { History } from './history.ts';
import { expiryOf } from './identity.ts';
import { Line } from './line.ts';
import type { Member, Told } from './member.ts';
import type { SubscriptionMetrics } from './metrics.ts';
import type { StreamOperation } from './stream-operation.ts';
import type { Turns } from './turns.ts';
import type { Upstream, UpstreamEvent } from './upstream.ts';

/** Events that wait for the fields of other subgraphs; beyond, the rest is left in the subgraph's log until these are told. */
const MOST_RECEIVED = 1_000;

/** What a channel executes for each event. */
export interface Rest {
  readonly planned: PlannedOperation;
  readonly variables: Variables;
  readonly executor: Executor;
}

export interface ChannelOptions {
  readonly operation: StreamOperation;
  readonly upstream: Upstream;
  readonly rest: Rest;
  readonly context: RequestContext;
  readonly turns: Turns;
  readonly metrics: SubscriptionMetrics;
  readonly resumeWithinMs: number;
  /** It has come to this place: perhaps another channel of the same operation and identity is there as well. */
  readonly onPlace: (channel: Channel, cursor: string) => void;
  readonly onClose: (channel: Channel) => void;
}

interface Received {
  readonly event: UpstreamEvent;
  readonly resumed: boolean;
  readonly atMs: number;
}

/**
 * One subscription at a subgraph, and all clients who are told by it: same operation, same variables, same identity. Each event is executed
 * and written once. A client that resumes behind a cursor has a channel of its own until both have told the same event; then it joins.
 */
export class Channel implements Told {
  readonly operation: StreamOperation;
  readonly members = new Set<Member>();
  readonly history = new History();
  readonly #options: ChannelOptions;
  readonly #line: Line;
  /** The first of them is being executed. */
  readonly #received: Received[] = [];
  readonly #paced = new Wakeup();
  #rest: Rest;
  #context: RequestContext;
  #live: boolean;
  #pumping = false;
  #parked = false;
  #retired: NodeJS.Timeout[] | undefined;
  #ending: Ending | undefined;
  #over = false;
  readonly #closed = Promise.withResolvers<void>();

  constructor(options: ChannelOptions) {
    this.operation = options.operation;
    this.#options = options;
    this.#rest = options.rest;
    this.#context = options.context;
    const { after } = options.operation;
    this.#live = after === undefined;
    if (after !== undefined) this.history.begin(after);
    this.#line = new Line({
      operation: options.operation,
      upstream: options.upstream,
      resumeWithinMs: options.resumeWithinMs,
      context: () => this.#context,
      onEvent: (event, resumed) => this.#receive({ event, resumed, atMs: performance.now() }),
      onEnd: (end) => this.#finish(end),
    });
  }

  open(): void {
    this.#line.ask();
  }

  /** May a client that begins here be told by this channel, and miss nothing? */
  accepts(after: string | undefined): boolean {
    if (this.#over || this.#retired !== undefined || this.#line.kind !== undefined) return false;
    return after === undefined ? this.#live : this.history.behind(after) !== undefined;
  }

  /** Has {@link accepts} just said yes? Then the member is told from `after` on, or what comes from now on. */
  join(member: Member, after: string | undefined): void {
    member.channel = this;
    this.members.add(member);
    this.refreshed(member.context);
    if (after === undefined) member.skip = this.#received.filter(({ event }) => !isCheckpoint(event)).length;
    else for (const delivery of this.history.behind(after) ?? []) member.offer(delivery);
    const { cursor } = this.history;
    if (this.#live && cursor !== undefined) member.offer(checkpointAt(cursor));
  }

  /** A member is told no more, or by another channel. */
  left(member: Member): void {
    this.members.delete(member);
    this.#paced.notify();
    if (this.members.size === 0) this.close();
  }

  caughtUp(): void {
    this.#paced.notify();
  }

  refreshed(context: RequestContext): void {
    if (expiryOf(context) > expiryOf(this.#context)) this.#context = context;
  }

  /** Everybody here stands at this place, where the other channel is or was: that one goes on with them. */
  mergeInto(other: Channel, cursor: string): void {
    const members = [...this.members];
    this.members.clear();
    this.close();
    // Where the other is, what happens now has been told: it need not say so itself.
    other.#live ||= this.#live;
    for (const member of members) other.join(member, cursor);
  }

  /** The supergraph was replaced, and the subgraph is asked the same: from the next event on the rest is fetched as the new one says. */
  carryOver(rest: Rest): void {
    this.#rest = rest;
  }

  /** The operation is another now: nobody else joins, and everybody here is told so within a while, not all at once. Resolves when that is done. */
  async retire(withinMs: number): Promise<void> {
    this.#retired ??= [...this.members].map((member) =>
      setTimeout(() => member.end(REPLACED), Math.random() * withinMs).unref(),
    );
    await this.#closed.promise;
  }

  /** Ends it for everybody, behind what they were given. */
  end(end: Ending): void {
    const members = [...this.members];
    this.members.clear();
    this.close();
    for (const member of members) member.finish(end);
  }

  /** Asks the subgraph for nothing more. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#retired ?? []) clearTimeout(timer);
    this.#line.close();
    this.#paced.notify();
    this.#options.onClose(this);
    this.#closed.resolve();
  }

  #receive(received: Received): void {
    if (this.#over) return;
    this.#received.push(received);
    if (!isCheckpoint(received.event)) this.#options.metrics.eventIn(this.operation.subgraph.name);
    if (received.resumed) this.#options.metrics.resumed('upstream');
    if (this.#received.length > MOST_RECEIVED && !this.#parked) {
      this.#parked = this.#line.park();
      if (!this.#parked) return this.end(OUTPACED);
    }
    void this.#pump();
  }

  /** The line has ended: so does the channel, once everything received was told. */
  #finish(end: Ending): void {
    this.#ending = end;
    if (!this.#pumping) this.end(end);
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#received.length > 0 && !this.#over) await this.#tellNext();
    } catch (error) {
      this.end(endingOf(error, this.#context));
    } finally {
      this.#pumping = false;
    }
    if (this.#over) return;
    if (this.#ending !== undefined) return this.end(this.#ending);
    if (this.#parked) {
      this.#parked = false;
      this.#line.unpark();
    }
  }

  async #tellNext(): Promise<void> {
    const woken = this.#paced.next;
    // What is read from a log for a few can wait for them; what happens now cannot.
    if (!this.#live && this.members.size > 0 && [...this.members].every(({ blocked }) => blocked)) return woken;
    const [received] = this.#received;
    if (received === undefined) return;
    const delivery = isCheckpoint(received.event) ? this.#place(received) : await this.#execute(received);
    if (this.#over) return;
    this.#received.shift();
    if (delivery !== undefined) this.#tell(delivery, received.atMs);
  }

  #place({ event }: Received): Delivery | undefined {
    this.#live = true;
    const cursor = event.extensions?.['cursor'];
    return typeof cursor === 'string' ? checkpointAt(cursor) : undefined;
  }

  async #execute({ event, resumed }: Received): Promise<Delivery> {
    const { planned, variables, executor } = this.#rest;
    const context = this.#context;
    const execute = (): ReturnType<Executor['execute']> => executor.execute({ planned, variables, context, event });
    const fetches = subscriptionPlan(planned.plan).rest !== undefined;
    const { data, errors } = await (fetches ? this.#options.turns.run(execute) : execute());
    const given = event.extensions?.['cursor'];
    const cursor = typeof given === 'string' && this.#line.kind === undefined ? given : undefined;
    const extensions = { ...(cursor !== undefined && { cursor }), ...(resumed && { resumed }) };
    const result = {
      data,
      ...(errors !== undefined && { errors: errors.map((error) => translateError(error, context)) }),
      ...((cursor !== undefined || resumed) && { extensions }),
    };
    return new Delivery(JSON.stringify(result), { cursor });
  }

  #tell(delivery: Delivery, receivedAtMs: number): void {
    const { metrics, onPlace } = this.#options;
    const { cursor } = delivery;
    if (cursor !== undefined) {
      if (delivery.checkpoint) this.history.begin(cursor);
      else this.history.add(delivery, cursor);
    }
    for (const member of this.members) member.offer(delivery);
    if (!delivery.checkpoint) metrics.eventOut(this.members.size, (performance.now() - receivedAtMs) / 1_000);
    if (cursor !== undefined && !this.#over) onPlace(this, cursor);
  }
}

function isCheckpoint({ extensions }: UpstreamEvent): boolean {
  return extensions?.['checkpoint'] === true;
}
