import { WebSocket } from 'ws';

/** What somebody subscribes to, and as whom. */
export interface Asked {
  /** A service's base URL. */
  readonly url: string;
  readonly token: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Who is told what comes over a line. One of the last three is called once, last. */
export interface Heard {
  /** A result, as the text in which it came: its frame may be around it. */
  readonly result: (text: string) => void;
  /** The operation has ended with errors: the list of them as JSON. */
  readonly failed: (errors: string) => void;
  readonly completed: () => void;
  /** The connection was closed or lost. */
  readonly closed: (how: string) => void;
}

/** Subscribes over one connection; what is returned breaks it, and nothing more is heard. */
export type OpenLine = (asked: Asked, heard: Heard) => () => void;

const ID = '1';

/** By graphql-transport-ws. Frames are not parsed: a test has millions of them. */
export function openSocketLine({ url, token, query, variables }: Asked, heard: Heard): () => void {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  const tell = onceLast(heard);
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  socket.on('message', (data: Buffer) => {
    const frame = data.toString('latin1');
    if (frame.includes('"type":"next"')) return heard.result(frame);
    const { type, payload } = JSON.parse(frame) as { type: string; payload?: unknown };
    if (type === 'connection_ack')
      send({ type: 'subscribe', id: ID, payload: { query, variables, extensions: { checkpoints: true } } });
    else if (type === 'ping') send({ type: 'pong' });
    else if (type === 'error') tell.failed(JSON.stringify(payload));
    else if (type === 'complete') tell.completed();
  });
  socket.on('close', (code, reason) => tell.closed(`${code} ${reason.toString()}`));
  // What goes wrong is told by the close.
  socket.on('error', () => undefined);
  return () => {
    tell.nobody();
    socket.terminate();
  };
}

/** Passes on the first of the last words only. */
export function onceLast({ failed, completed, closed }: Heard): Omit<Heard, 'result'> & { nobody: () => void } {
  let over = false;
  const once =
    <Words extends readonly unknown[]>(say: (...words: Words) => void) =>
    (...words: Words): void => {
      if (over) return;
      over = true;
      say(...words);
    };
  return { failed: once(failed), completed: once(completed), closed: once(closed), nobody: once(() => undefined) };
}
