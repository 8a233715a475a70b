import { executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { GraphQLError, type ExecutionResult } from 'graphql';
import type { RequestContext } from '#shared/graphql/context.ts';
import { faultAnswer } from '#shared/graphql/errors.ts';
import { invariant } from '#shared/invariant.ts';
import { Wakeup } from '#shared/stream.ts';
import type { PlannedOperation, Supergraph } from '../supergraph/supergraph.ts';
import type { Variables } from './variables.ts';

/** What a subgraph has sent for one event of a subscription's primary field. */
export interface SubgraphEvent {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly { readonly message: string }[] | undefined;
}

/** An operation with everything that one execution of it needs. */
export interface Execution {
  readonly planned: PlannedOperation;
  readonly variables: Variables;
  readonly context: RequestContext;
  /** For subscriptions: the event that takes the place of the plan's first fetch. */
  readonly event?: SubgraphEvent;
}

type Sources = Readonly<Record<string, GraphQLDataSource>>;
type GatewayRequest = Parameters<typeof executeQueryPlan>[2];

/** The one door through which every plan is executed: queries, mutations and each event of a subscription. */
export class Executor {
  readonly #supergraph: Supergraph;
  readonly #sources: Sources;
  readonly #rested = new Wakeup();
  #executing = 0;

  constructor(supergraph: Supergraph, sources: Sources) {
    this.#supergraph = supergraph;
    this.#sources = sources;
  }

  /** Never throws for what goes wrong in a subgraph: its fields are null, with errors that say why. */
  async execute(execution: Execution): Promise<ExecutionResult> {
    this.#executing += 1;
    try {
      return await this.#carryOut(execution);
    } finally {
      this.#executing -= 1;
      if (this.#executing === 0) this.#rested.notify();
    }
  }

  get isBusy(): boolean {
    return this.#executing > 0;
  }

  /** Resolves when what is being executed has ended; something else may have begun by then. */
  rest(): Promise<void> {
    return this.isBusy ? this.#rested.next : Promise.resolve();
  }

  async #carryOut({ planned, variables, context, event }: Execution): Promise<ExecutionResult> {
    const { plan, sources } =
      event === undefined
        ? { plan: planned.plan, sources: this.#sources }
        : eventPlan(planned.plan, event, this.#sources);
    const request = { request: { variables }, context, logger: context.log, metrics: {} } as unknown as GatewayRequest;
    const { data, errors } = await executeQueryPlan(
      plan,
      { ...sources },
      request,
      planned.operationContext,
      this.#supergraph.fullSchema,
      this.#supergraph.apiSchema,
    );
    const shown = (errors ?? []).map((error) => withoutInternals(error, context));
    // A null that rose to the top stands for a value that a subgraph promised and did not send: an answer without data says why.
    if (data == null && shown.length === 0) shown.push(promiseBroken(context));
    return {
      ...(data !== undefined && { data: data as Record<string, unknown> | null }),
      ...(shown.length > 0 && { errors: shown }),
    };
  }
}

/**
 * A subscription's plan as an ordinary one: the primary fetch, answered by the event, then the rest. Only the first call to the
 * primary's subgraph is answered so; the rest may need the same subgraph for entities.
 */
function eventPlan(plan: QueryPlan, event: SubgraphEvent, sources: Sources): { plan: QueryPlan; sources: Sources } {
  const { primary, rest } = subscriptionPlan(plan);
  const nodes: PlanNode[] = rest === undefined ? [primary] : [primary, rest];
  let delivered = false;
  const primarySource: GraphQLDataSource = {
    process: (options) => {
      if (delivered) return sourceOf(sources, primary).process(options);
      delivered = true;
      return Promise.resolve({ data: event.data, errors: event.errors } as Awaited<
        ReturnType<GraphQLDataSource['process']>
      >);
    },
  };
  return {
    plan: { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } },
    sources: { ...sources, [primary.serviceName]: primarySource },
  };
}

function sourceOf(sources: Sources, { serviceName }: FetchNode): GraphQLDataSource {
  const source = sources[serviceName];
  invariant(source !== undefined, `the supergraph's subgraph ${serviceName} has a source`);
  return source;
}

/** The two parts of a subscription's plan. */
export function subscriptionPlan({ node }: QueryPlan): { primary: FetchNode; rest?: PlanNode } {
  invariant(node?.kind === 'Subscription', 'a subscription is planned as one');
  return { primary: node.primary, ...(node.rest !== undefined && { rest: node.rest }) };
}

/** What Apollo's executor calls an error that its subgraph gave no code. */
const UNCODED = 'DOWNSTREAM_SERVICE_ERROR';

/**
 * A subgraph's error as clients see it: message, path, code and field, and nothing of how it came about. One without a code was not made
 * for clients: a fault.
 */
function withoutInternals(
  error: {
    message: string;
    path?: readonly (string | number)[] | undefined;
    extensions?: Record<string, unknown>;
  },
  context: RequestContext,
): GraphQLError {
  const { code, field } = error.extensions ?? {};
  const place = error.path === undefined ? {} : { path: error.path };
  if (typeof code !== 'string' || code === UNCODED) {
    const { message, extensions } = faultAnswer(error, error.path, context);
    return new GraphQLError(message, { ...place, extensions });
  }
  return new GraphQLError(error.message, {
    ...place,
    extensions: { code, ...(typeof field === 'string' && { field }) },
  });
}

/** A subgraph sent null for what its schema says is never null, and no error with it. */
function promiseBroken(context: RequestContext): GraphQLError {
  const { message, extensions } = faultAnswer('a subgraph sent values that its schema rules out', undefined, context);
  return new GraphQLError(message, { extensions });
}
