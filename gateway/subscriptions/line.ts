import type { GraphQLError } from 'graphql';
import type { RequestContext } from '#shared/graphql/context.ts';
import type { Try } from './comeback.ts';
import { COMPLETE, EXPIRED, lost, refusedBy, type Ending } from './ends.ts';
import { expiryOf } from './identity.ts';
import type { StreamOperation } from './stream-operation.ts';
import type { Upstream, UpstreamEvent } from './upstream.ts';

/** With these a subgraph says that it can be asked again. */
const PASSING = new Set<unknown>(['SUBGRAPH_UNAVAILABLE', 'RATE_LIMITED', 'TIMEOUT', 'SHUTTING_DOWN']);

interface LineOptions {
  readonly operation: StreamOperation;
  readonly upstream: Upstream;
  /** For how long a subgraph that was lost is tried again. */
  readonly resumeWithinMs: number;
  /** On whose behalf to ask now: the freshest of the tokens there are. */
  readonly context: () => RequestContext;
  /** The subgraph's events, each once, one behind the other; `resumed` on the first behind an interruption. */
  readonly onEvent: (event: UpstreamEvent, resumed: boolean) => void;
  /** There will be no more. */
  readonly onEnd: (end: Ending) => void;
}

/**
 * A subscription at a subgraph that outlives its connection: what was lost is asked for again from the last cursor, so that nothing is
 * missed and nothing comes twice. What has no cursor is resumed only where it tells a present state; else it ends with an error.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> asking
 *   asking --> live: first message
 *   asking --> waiting: lost, or not now
 *   live --> waiting: lost, or not now
 *   waiting --> asking: the comeback's turn
 *   live --> asking: token expired, a fresher one is there
 *   live --> parked: park
 *   parked --> asking: unpark
 *   asking --> [*]: complete, refused, or cannot be resumed
 *   live --> [*]: complete, refused, or cannot be resumed
 *   waiting --> [*]: away for too long
 * ```
 */
export class Line {
  /** Behind which everything is still to come. */
  cursor: string | undefined;
  readonly #options: LineOptions;
  #kind: unknown;
  #interrupted = false;
  #ended = false;
  #asked: RequestContext | undefined;
  /** Leaves whatever state it is in. */
  #leaveState: () => void = nothing;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    this.cursor = options.operation.after;
  }

  /** Is each subscriber told something of their own, or of a state that is told at the beginning? Known with the first event. */
  get kind(): unknown {
    return this.#kind;
  }

  get resumable(): boolean {
    if (this.#kind !== undefined) return this.#kind === 'state';
    return this.#options.operation.resumable && this.cursor !== undefined;
  }

  ask(leave?: Try): void {
    if (this.#ended) return leave?.dropped();
    const { upstream, operation, context, onEvent } = this.#options;
    const asked = context();
    this.#asked = asked;
    const unsubscribe = upstream.subscribe(operation.upstream(this.cursor), asked, {
      event: (event) => {
        leave?.succeeded();
        this.#heard(event);
        const resumed = this.#interrupted && event.extensions?.['checkpoint'] !== true;
        if (resumed) this.#interrupted = false;
        onEvent(event, resumed);
      },
      complete: () => {
        leave?.succeeded();
        this.#end(COMPLETE);
      },
      refused: (errors) => this.#refused(errors, leave),
      lost: (cause) => {
        leave?.failed();
        this.#lost(cause);
      },
    });
    this.#leaveState = () => {
      unsubscribe();
      leave?.dropped();
    };
  }

  /** Stops hearing for a while, where nothing is missed by that; says whether it did. */
  park(): boolean {
    if (!this.resumable || this.#kind !== undefined) return false;
    this.#leaveState();
    this.#leaveState = nothing;
    return true;
  }

  unpark(): void {
    this.ask();
  }

  /** Ends without a word. */
  close(): void {
    this.#ended = true;
    clearTimeout(this.#patience);
    this.#leaveState();
    this.#leaveState = nothing;
  }

  #heard({ extensions }: UpstreamEvent): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    const { cursor, stream, checkpoint } = extensions ?? {};
    if (typeof cursor === 'string') this.cursor = cursor;
    if (checkpoint !== true) this.#kind ??= stream;
  }

  #refused(errors: readonly GraphQLError[], leave: Try | undefined): void {
    const code = errors[0]?.extensions['code'];
    const { context } = this.#options;
    if (PASSING.has(code) && this.resumable) {
      leave?.failed();
      this.#lost(errors[0]);
      return;
    }
    leave?.succeeded();
    if (code !== EXPIRED.errors[0]?.extensions['code']) return this.#end(refusedBy(errors));
    const asked = this.#asked === undefined ? 0 : expiryOf(this.#asked);
    if (expiryOf(context()) <= asked) return this.#end(asked <= Date.now() ? EXPIRED : refusedBy(errors));
    if (!this.resumable) return this.#end(lost(this.#options.operation.subgraph.name));
    this.#interrupted = true;
    this.ask();
  }

  #lost(cause: unknown): void {
    const { operation, upstream, context, resumeWithinMs } = this.#options;
    const { name } = operation.subgraph;
    // Told once: while a subgraph is away, each attempt fails in the same way.
    const level = this.#interrupted ? 'debug' : 'warn';
    context().log[level](
      { err: asError(cause), subgraph: name, resumes: this.resumable },
      'upstream subscription lost',
    );
    if (!this.resumable) return this.#end(lost(name));
    this.#interrupted = true;
    this.#patience ??= setTimeout(() => this.#end(lost(name)), resumeWithinMs);
    this.#leaveState = upstream.comeback.wait((leave) => this.ask(leave));
  }

  #end(end: Ending): void {
    if (this.#ended) return;
    this.close();
    this.#options.onEnd(end);
  }
}

/** A socket tells by events how it was lost, of which a log would show nothing. */
function asError(cause: unknown): unknown {
  if (cause instanceof Error || typeof cause !== 'object' || cause === null) return cause;
  const { code, reason, message } = cause as { code?: number; reason?: string; message?: string };
  return new Error(code === undefined ? message : `the socket was closed with ${code} ${reason ?? ''}`);
}

function nothing(): void {
  // There is nothing to leave.
}
