import type { Trace } from './cloud-event.ts';
import type { Idempotency } from './store/idempotency.ts';
import type { Database } from './store/postgres.ts';
import type { Viewer } from './identity/viewer.ts';

/** What commands work with. */
export interface CommandServices {
  readonly db: Database;
  readonly idempotency: Idempotency;
}

/** Who gives a command, under which key, and what ties its events to the request. */
export interface Caller {
  readonly viewer: Viewer;
  readonly idempotencyKey: string;
  readonly correlationId: string;
  readonly traceparent: string;
}

/** What a command's events carry of the request. */
export function traceOf({ correlationId, traceparent }: Caller): Trace {
  return { correlationId, traceparent };
}
