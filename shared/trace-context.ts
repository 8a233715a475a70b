import { randomBytes, randomUUID } from 'node:crypto';

/** What ties the logs, events and answers of one client request together, across services. */
export interface TraceContext {
  /** One per request to the gateway (`X-Request-ID`). */
  readonly requestId: string;
  /** One per business conversation, which may span requests (`X-Correlation-ID`); the request id where the client gave none. */
  readonly correlationId: string;
  /** W3C Trace Context `traceparent`. */
  readonly traceparent: string;
}

type Header = (name: string) => string | undefined;

/** Longer or stranger ids are replaced: they end up in logs and headers. */
const ACCEPTABLE_ID = /^[\w.:@/+=-]{1,128}$/;
const TRACEPARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** Takes the ids that came in, and makes those that did not. */
export function traceContext(header: Header): TraceContext {
  const requestId = acceptable(header('x-request-id')) ?? randomUUID();
  const traceparent = header('traceparent');
  return {
    requestId,
    correlationId: acceptable(header('x-correlation-id')) ?? requestId,
    traceparent: traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceparent : newTraceparent(),
  };
}

/** The headers that carry the context to the next service. */
export function traceHeaders(trace: TraceContext): Record<string, string> {
  return { 'x-request-id': trace.requestId, 'x-correlation-id': trace.correlationId, traceparent: trace.traceparent };
}

function acceptable(id: string | undefined): string | undefined {
  return id !== undefined && ACCEPTABLE_ID.test(id) ? id : undefined;
}

function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
