import { request, type IncomingMessage } from 'node:http';
import { onceLast, type Asked, type Heard, type OpenLine } from './stream-lines.ts';

/** How a protocol writes a stream into the body of an answer. */
interface Protocol {
  readonly accept: string;
  /** What ends each message. */
  readonly separator: string;
  readonly isResult: (message: string) => boolean;
  readonly isError: (message: string) => boolean;
  readonly isEnd: (message: string) => boolean;
}

const EVENTS: Protocol = {
  accept: 'text/event-stream',
  separator: '\n\n',
  isResult: (message) => message.startsWith('event: next\n'),
  isError: (message) => message.startsWith('event: next\ndata: {"errors":'),
  isEnd: (message) => message.startsWith('event: complete\n'),
};

const PARTS: Protocol = {
  accept: 'multipart/mixed;subscriptionSpec=1.0',
  separator: '\r\n--graphql',
  isResult: (message) => message.includes('{"payload":'),
  isError: (message) => message.includes('{"payload":null,"errors":'),
  // What follows the last boundary is all that does not begin a part.
  isEnd: (message) => message.startsWith('--'),
};

/** By the distinct connections mode of GraphQL over SSE. */
export const openEventLine: OpenLine = (asked, heard) => open(EVENTS, asked, heard);

/** By Apollo's multipart protocol. */
export const openPartLine: OpenLine = (asked, heard) => open(PARTS, asked, heard);

function open(protocol: Protocol, { url, token, query, variables }: Asked, heard: Heard): () => void {
  const tell = onceLast(heard);
  const body = JSON.stringify({ query, variables, extensions: { checkpoints: true } });
  const sent = request(`${url}/graphql`, {
    method: 'POST',
    // A connection of its own.
    agent: false,
    headers: { accept: protocol.accept, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  sent.on('response', (response) => {
    response.setEncoding('latin1');
    if (response.statusCode === 200) read(response, protocol, { ...heard, ...tell });
    else readWhole(response, (text) => tell.failed(text));
    response.on('close', () => tell.closed('the answer has ended'));
  });
  sent.on('error', ({ message }) => tell.closed(message));
  sent.end(body);
  return () => {
    tell.nobody();
    sent.destroy();
  };
}

function read(response: IncomingMessage, { separator, isResult, isError, isEnd }: Protocol, heard: Heard): void {
  let rest = '';
  const hear = (message: string): void => {
    if (isError(message)) heard.failed(message);
    else if (isResult(message)) heard.result(message);
    else if (isEnd(message)) heard.completed();
  };
  response.on('data', (chunk: string) => {
    const messages = (rest + chunk).split(separator);
    rest = messages.pop() ?? '';
    for (const message of messages) hear(message);
    // Nothing need follow the end.
    if (isEnd(rest)) hear(rest);
  });
}

function readWhole(response: IncomingMessage, tell: (text: string) => void): void {
  let text = '';
  response.on('data', (chunk: string) => (text += chunk));
  response.on('end', () => tell(text));
}
