import type { RequestContext } from '#shared/graphql/context.ts';
import { ANONYMOUS } from '#shared/identity/viewer.ts';
import { recordedLog } from './recorded-log.ts';

/** The context of an anonymous operation, but for what is given. */
export function contextOf(given: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: 'req-1',
    correlationId: 'conversation-1',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    viewer: ANONYMOUS,
    voucher: undefined,
    authorization: undefined,
    log: recordedLog().log,
    replays: [],
    ...given,
  };
}
