import { GraphQLError, type ExecutionResult } from 'graphql';
import type { RequestContext } from '#shared/graphql/context.ts';
import { invariant } from '#shared/invariant.ts';
import { Refusal } from '#shared/refusal.ts';
import { cancellable } from '#shared/stream.ts';
import { subscriptionPlan, type Executor } from '../execution/executor.ts';
import type { Variables } from '../execution/variables.ts';
import type { PlannedOperation } from '../supergraph/supergraph.ts';
import type { Upstream, UpstreamEvent } from './upstream.ts';

interface SubscriptionRequest {
  readonly planned: PlannedOperation;
  readonly variables: Variables;
  readonly context: RequestContext;
}

/**
 * Federated subscriptions over any supergraph: the planner's primary operation runs as a subscription at its subgraph, and for each event
 * the rest of the plan fetches the fields of other subgraphs, under the subscriber's identity.
 */
export class SubscriptionEngine {
  readonly #executor: Executor;
  readonly #upstreams: Readonly<Record<string, Upstream>>;

  constructor(executor: Executor, upstreams: Readonly<Record<string, Upstream>>) {
    this.#executor = executor;
    this.#upstreams = upstreams;
  }

  /** Complete answers, in the order of their events. Throws `SUBGRAPH_UNAVAILABLE` when the primary's subgraph cannot be reached or is lost. */
  subscribe(request: SubscriptionRequest): AsyncGenerator<ExecutionResult> {
    return cancellable((signal) => this.#follow(request, signal));
  }

  async *#follow(
    { planned, variables, context }: SubscriptionRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ExecutionResult> {
    const { primary } = subscriptionPlan(planned.plan);
    const upstream = this.#upstreams[primary.serviceName];
    invariant(upstream !== undefined, `the supergraph's subgraph ${primary.serviceName} has an upstream`);
    const used = Object.fromEntries((primary.variableUsages ?? []).map((name) => [name, variables[name]]));
    const events = (await upstream.subscribe({ query: primary.operation, variables: used }, context))[
      Symbol.asyncIterator
    ]();
    const close = (): void => void events.return?.();
    signal.addEventListener('abort', close, { once: true });
    // The client may have left while the upstream was asked.
    if (signal.aborted) close();
    try {
      for (let cursor: unknown; ;) {
        const step = await nextEvent(events, { subgraph: primary.serviceName, cursor, context });
        if (step.done === true || signal.aborted) return;
        const event = step.value;
        const result = await this.#executor.execute({ planned, variables, context, event });
        cursor = event.extensions?.cursor;
        yield cursor === undefined ? result : { ...result, extensions: { ...result.extensions, cursor } };
      }
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }
}

interface Place {
  readonly subgraph: string;
  readonly cursor: unknown;
  readonly context: RequestContext;
}

/** The next event, or an error that says what was lost: a stream never just ends because its subgraph did. */
async function nextEvent(
  events: AsyncIterator<UpstreamEvent>,
  { subgraph, cursor, context }: Place,
): Promise<IteratorResult<UpstreamEvent>> {
  try {
    return await events.next();
  } catch (error) {
    const refused = graphqlErrors(error);
    if (refused !== undefined) throw refused;
    context.log.warn({ err: error, subgraph }, 'upstream subscription lost');
    const resume =
      typeof cursor === 'string'
        ? `; subscribe again with after: "${cursor}" and nothing is missed`
        : '; subscribe again';
    throw new Refusal('SUBGRAPH_UNAVAILABLE', `The ${subgraph} service is not available right now${resume}.`, {
      cause: error,
    });
  }
}

/** The first of the errors that the subgraph itself answered with, if it did. */
function graphqlErrors(error: unknown): GraphQLError | undefined {
  const [first] = Array.isArray(error) ? (error as { message: string; extensions?: Record<string, unknown> }[]) : [];
  return first && new GraphQLError(first.message, { extensions: first.extensions ?? {} });
}
