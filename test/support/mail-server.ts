import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly recipients: readonly string[];
  readonly raw: Buffer;
}

/** A real SMTP server that keeps what it takes. */
export interface MailServer extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  readonly connections: () => number;
}

interface MailServerOptions {
  /** Any free one when it is not given. */
  readonly port?: number;
  /** The reply to a recipient, when it is not to be taken. */
  readonly toRecipient?: (address: string) => number | undefined;
  /** The reply to a message, when it is not to be taken; a promise delays it. */
  readonly toMessage?: () => number | undefined | Promise<number | undefined>;
}

const refusal = (responseCode: number): Error =>
  Object.assign(new Error(`refused with ${responseCode}`), { responseCode });

export async function openMailServer({
  port = 0,
  toRecipient,
  toMessage,
}: MailServerOptions = {}): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    // Who is connected when it closes is not waited for.
    closeTimeout: 1,
    onRcptTo: ({ address }, _session, answer) => {
      const code = toRecipient?.(address);
      answer(code === undefined ? null : refusal(code));
    },
    onData: (stream, { envelope }, answer) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const taken = { recipients: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) };
        void Promise.resolve(toMessage?.()).then((code) => {
          if (code === undefined) received.push(taken);
          answer(code === undefined ? null : refusal(code));
        });
      });
    },
  });
  // A client that breaks off is none of the server's errors.
  server.on('error', () => undefined);
  const listener = server.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    received,
    connections: () => server.connections.size,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A message as its reader sees it: unfolded headers with encoded words decoded (RFC 2047), and the decoded text (RFC 2045). */
export function readMail(raw: Buffer): { readonly headers: ReadonlyMap<string, string>; readonly text: string } {
  const whole = raw.toString('latin1');
  const end = whole.indexOf('\r\n\r\n');
  const lines = whole
    .slice(0, end)
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const [name = '', ...rest] = line.split(':');
      return [name.toLowerCase(), decodeWords(rest.join(':').trim())] as const;
    }),
  );
  if (headers.size !== lines.length) throw new Error(`a header comes twice: ${lines.join(' | ')}`);
  const bytes = decode(whole.slice(end + 4), headers.get('content-transfer-encoding'));
  return { headers, text: bytes.toString('utf8') };
}

function decode(content: string, encoding = '7bit'): Buffer {
  if (encoding === 'base64') return Buffer.from(content, 'base64');
  return encoding === 'quoted-printable'
    ? decodeQuoted(content.replaceAll('=\r\n', ''))
    : Buffer.from(content, 'latin1');
}

function decodeQuoted(text: string): Buffer {
  const bytes = text.replaceAll(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

function decodeWords(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, encoding: string, word: string) => {
      const bytes =
        encoding.toUpperCase() === 'B' ? Buffer.from(word, 'base64') : decodeQuoted(word.replaceAll('_', ' '));
      return bytes.toString('utf8');
    });
}
