import { SERVICE_TOKEN_HEADER, type RequestContext } from '#shared/graphql/context.ts';
import { traceHeaders } from '#shared/trace-context.ts';

/** Gives this gateway's own service token. */
export type ServiceToken = () => Promise<string>;

/**
 * What every call to a subgraph carries, over HTTP as headers and over WebSocket in the operation's `extensions`: the caller's token, or
 * that of the session opened meanwhile; the gateway's own token; and what ties logs and events together.
 */
export async function identityHeaders(
  context: RequestContext,
  serviceToken: ServiceToken,
): Promise<Record<string, string>> {
  const authorization = context.session === undefined ? context.authorization : `Bearer ${context.session}`;
  return {
    ...traceHeaders(context),
    ...(authorization !== undefined && { authorization }),
    [SERVICE_TOKEN_HEADER]: await serviceToken(),
  };
}
