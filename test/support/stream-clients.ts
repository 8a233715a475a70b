import { request, type IncomingMessage } from 'node:http';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import WebSocket from 'ws';
import type { Transport } from '#gateway/subscriptions/subscription.ts';
import { until } from './poll.ts';

export interface StreamRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
}

/** How a stream ended: all said, errors, or the connection closed without a word (with the WebSocket's code). */
export type StreamOutcome =
  | { readonly how: 'complete' }
  | { readonly how: 'errors'; readonly errors: readonly GraphQLFormattedError[] }
  | { readonly how: 'closed'; readonly code?: number };

/** One subscription of a client that knows nothing but its protocol, as the protocols' own texts have it. */
export class StreamClient implements AsyncDisposable {
  readonly results: ExecutionResult[] = [];
  outcome: StreamOutcome | undefined;
  #connection: Connection | undefined;

  constructor(url: string, transport: Transport, given: StreamRequest) {
    const told: Told = {
      result: (result) => {
        this.results.push(result);
      },
      end: (outcome) => {
        this.outcome ??= outcome;
      },
    };
    this.#connection = connect[transport](url, given, told);
  }

  /** The results, once there are so many. */
  async told(count: number): Promise<ExecutionResult[]> {
    await until(() => this.results.length >= count || this.outcome !== undefined, { what: `${count} results` });
    if (this.results.length < count)
      throw new Error(`ended after ${this.results.length}: ${JSON.stringify(this.outcome)}`);
    return this.results;
  }

  async ended(): Promise<StreamOutcome> {
    await until(() => this.outcome !== undefined, { what: 'the end of a stream' });
    return this.outcome!;
  }

  /** Stops reading what comes over the network, or goes on. */
  read(reading: boolean): void {
    if (reading) this.#connection?.resume();
    else this.#connection?.pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    return Promise.resolve();
  }
}

interface Told {
  readonly result: (result: ExecutionResult) => void;
  readonly end: (outcome: StreamOutcome) => void;
}

interface Connection {
  pause(): void;
  resume(): void;
  close(): void;
}

const connect: Record<Transport, (url: string, given: StreamRequest, told: Told) => Connection> = {
  'graphql-ws': overWebSocket,
  sse: (url, given, told) => overHttp({ url, given, accept: 'text/event-stream' }, told, readEvents),
  multipart: (url, given, told) =>
    overHttp({ url, given, accept: 'multipart/mixed;subscriptionSpec=1.0, application/json' }, told, readParts),
};

function overWebSocket(url: string, { authorization, ...payload }: StreamRequest, told: Told): Connection {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })));
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { type: string; payload?: unknown };
    if (message.type === 'connection_ack') socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload }));
    if (message.type === 'next') told.result(message.payload as ExecutionResult);
    if (message.type === 'complete') told.end({ how: 'complete' });
    if (message.type === 'error') told.end({ how: 'errors', errors: message.payload as GraphQLFormattedError[] });
  });
  socket.on('close', (code) => told.end({ how: 'closed', code }));
  socket.on('error', () => undefined);
  return { pause: () => socket.pause(), resume: () => socket.resume(), close: () => socket.close() };
}

/** Reads what has come so far, and gives back what is not complete. */
type Reader = (text: string, told: Told) => string;

function overHttp(
  { url, given, accept }: { url: string; given: StreamRequest; accept: string },
  told: Told,
  read: Reader,
): Connection {
  const { authorization, ...body } = given;
  const headers = { 'content-type': 'application/json', accept, ...(authorization !== undefined && { authorization }) };
  let answer: IncomingMessage | undefined;
  const sent = request(`${url}/graphql`, { method: 'POST', headers, agent: false }, (response) => {
    answer = response;
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
      if (response.statusCode === 200 && !/json/.test(response.headers['content-type'] ?? '')) text = read(text, told);
    });
    response.on('end', () => {
      if (text.startsWith('{')) told.end({ how: 'errors', errors: (JSON.parse(text) as { errors: [] }).errors });
    });
    response.on('close', () => told.end({ how: 'closed' }));
    response.on('error', () => undefined);
  });
  sent.on('error', () => told.end({ how: 'closed' }));
  sent.end(JSON.stringify(body));
  return { pause: () => answer?.pause(), resume: () => answer?.resume(), close: () => sent.destroy() };
}

const readEvents: Reader = (text, told) => {
  const events = text.split('\n\n');
  const rest = events.pop() ?? '';
  for (const event of events) {
    const fields = new Map(event.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^\w*: ?/, '')]));
    if (fields.get('event') === 'next') {
      const result = JSON.parse(fields.get('data')!) as ExecutionResult & { errors?: GraphQLFormattedError[] };
      if (result.data === undefined) told.end({ how: 'errors', errors: result.errors ?? [] });
      else told.result(result);
    }
    if (fields.get('event') === 'complete') told.end({ how: 'complete' });
  }
  return rest;
};

const BOUNDARY = '--graphql';

const readParts: Reader = (text, told) => {
  const parts = text.split(`\r\n${BOUNDARY}`);
  const rest = parts.pop() ?? '';
  for (const part of parts) {
    const body = part.split('\r\n\r\n')[1];
    const { payload, errors } = JSON.parse(body ?? '{}') as { payload?: ExecutionResult | null; errors?: [] };
    if (payload === null) told.end({ how: 'errors', errors: errors ?? [] });
    else if (payload !== undefined) told.result(payload);
  }
  if (rest.startsWith('--')) told.end({ how: 'complete' });
  return rest.startsWith('--') ? '' : `\r\n${BOUNDARY}${rest}`;
};
