import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type NodemailerError, type SendMailOptions } from 'nodemailer';
import { invariant } from '#shared/invariant.ts';
import type { Log } from '#shared/log.ts';
import { pause } from '#shared/retry.ts';

export interface Mail {
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for every attempt, so that a server may drop what it already has: `name@domain`, without angle brackets. */
  readonly messageId: string;
}

/** Sends e-mail: plain text, marked as sent by a machine. */
export interface Mailer extends AsyncDisposable {
  /**
   * Resolves once the mail is taken over. Rejects with {@link MailRefused} when it never will be, and with another error when trying
   * again later may help. An attempt whose answer was lost may have been taken over.
   */
  send(mail: Mail): Promise<void>;
  /** Rejects when mail cannot be sent just now. */
  check(): Promise<void>;
}

/** A mail that is refused for good: trying again gives the same answer. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
}

interface SmtpOptions {
  /** `smtp://` or `smtps://`, with user and password where the server asks for them. */
  readonly url: string;
  /** Whose name and address the mails bear. */
  readonly from: string;
  readonly log: Log;
}

/** Few, since servers frown at many connections from one sender. */
const CONNECTIONS = 3;
/** A server that is there answers within seconds; one that is busy may take its time to greet. */
const CONNECTED_WITHIN_MS = 10_000;
const GREETED_WITHIN_MS = 15_000;
const SILENT_AT_MOST_MS = 30_000;
/** Also bounds a server that is never silent and never done. */
const SENT_WITHIN_MS = 60_000;
/** What is being sent when the mailer is closed may finish within this. */
const DRAIN_MS = 5_000;

/** Sends by an SMTP server, over a few connections that are kept. Every `send` is one attempt. */
export function openSmtpMailer({ url, from, log }: SmtpOptions): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    // Trying again is the caller's business, who keeps count.
    maxRequeues: 0,
    connectionTimeout: CONNECTED_WITHIN_MS,
    dnsTimeout: CONNECTED_WITHIN_MS,
    greetingTimeout: GREETED_WITHIN_MS,
    socketTimeout: SILENT_AT_MOST_MS,
  });
  transport.on('error', (error) => log.warn({ err: error }, 'a connection to the mail server failed'));
  const closing = new AbortController();
  const sending = new Set<Promise<unknown>>();

  async function send(mail: Mail): Promise<void> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(SENT_WITHIN_MS)]);
    try {
      const { response } = await transport.sendMail({ ...composed(from, mail), signal });
      log.debug({ messageId: mail.messageId, response }, 'the mail server has taken a mail over');
    } catch (error) {
      if (isForGood(error)) throw new MailRefused(error.message, { cause: error });
      throw error;
    }
  }

  return {
    send: async (mail) => {
      const sent = send(mail);
      const settled = sent.catch(() => undefined).finally(() => sending.delete(settled));
      sending.add(settled);
      await sent;
    },
    check: async () => {
      await transport.verify();
    },
    [Symbol.asyncDispose]: async () => {
      transport.close();
      const drained = new AbortController();
      await Promise.race([Promise.all(sending).then(() => drained.abort()), pause(DRAIN_MS, drained.signal)]);
      closing.abort(new Error('the mailer was closed'));
      await Promise.all(sending);
    },
  };
}

interface FolderOptions {
  /** Made when it is not there. */
  readonly folder: string;
  readonly from: string;
}

/** Others on the machine have no business with people's mail. */
const OWNER_ONLY = { folder: 0o700, file: 0o600 } as const;

/** Puts each mail into a folder as `<message id>.eml`, whole or not at all; the same mail again takes the place of the first. */
export function openFolderMailer({ folder, from }: FolderOptions): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    send: async (mail) => {
      const { message } = await transport.sendMail(composed(from, mail));
      invariant(Buffer.isBuffer(message), 'the message is composed in memory');
      await writeWhole(join(folder, `${mail.messageId}.eml`), message);
    },
    check: async () => {
      await mkdir(folder, { recursive: true, mode: OWNER_ONLY.folder });
      await access(folder, constants.W_OK);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };

  async function writeWhole(file: string, content: Buffer): Promise<void> {
    await mkdir(folder, { recursive: true, mode: OWNER_ONLY.folder });
    const partial = `${file}.${randomUUID()}.partial`;
    try {
      await writeFile(partial, content, { flush: true, mode: OWNER_ONLY.file });
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
  }
}

/** One address and nothing else: no list, no name, no quoting, nothing that ends a header. */
const ADDRESS = /^[^\s\p{Cc}"(),:;<>@[\\\]]+@[^\s\p{Cc}"(),:;<>@[\\\]]+$/u;
/** What a file may be called everywhere. */
const MESSAGE_ID = /^[\w+=-][\w.+=-]*@[\w.-]+$/;

/** Throws {@link MailRefused} when no server could take the mail. */
function composed(from: string, { to, subject, text, messageId }: Mail): SendMailOptions {
  invariant(MESSAGE_ID.test(messageId), 'a message id is name@domain, of letters, digits and a few signs');
  if (!ADDRESS.test(to)) throw new MailRefused(`${JSON.stringify(to)} is no address that mail can be sent to`);
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    messageId: `<${messageId}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    // What a text says is never taken for a file or an address to fetch from.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** A reply of 5xx to the recipient or to the message (RFC 5321, 4.2.1), or a message longer than the server says it takes. */
function isForGood(error: unknown): error is NodemailerError {
  if (!(error instanceof Error)) return false;
  const { code, command, responseCode } = error as NodemailerError;
  if (responseCode === undefined) return code === 'EMESSAGE' && command === 'MAIL FROM';
  return responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA');
}
