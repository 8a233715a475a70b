import type { Viewer } from '../identity/viewer.ts';
import type { Log } from '../log.ts';
import type { TraceContext } from '../trace-context.ts';

/** The header by which a service vouches for a request's channel: `_entities` needs one. */
export const SERVICE_TOKEN_HEADER = 'x-lockstep-service-token';
/** The header by which a subgraph hands the gateway a session for the rest of the operation; stripped at the edge. */
export const SESSION_HEADER = 'x-lockstep-session';
/** Tells on the answer of a mutation whether all its fields were replays. */
export const REPLAYED_HEADER = 'idempotent-replayed';

/** Everything a resolver may know about the operation it serves. */
export interface RequestContext extends TraceContext {
  readonly viewer: Viewer;
  /** The service whose token came with the request; undefined for direct callers. */
  readonly voucher: string | undefined;
  /** The `Authorization` header as it came, for a gateway to hand on. */
  readonly authorization: string | undefined;
  readonly log: Log;
  /** One entry per mutation field, in the order they finished: was it a replay? */
  readonly replays: boolean[];
  /** A subscriber's wish to be told also how far the stream has come when there is no event. */
  readonly checkpoints?: boolean;
  /** The access token of a session that a mutation has opened: it speaks for the rest of the operation. */
  session?: string;
}
