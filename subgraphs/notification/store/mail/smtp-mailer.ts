import { createTransport, type NodemailerError } from 'nodemailer';
import type { Log } from '#shared/log.ts';
import { pause } from '#shared/retry.ts';
import { composed, MailRefused, type Mail, type Mailer } from './mailer.ts';

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

/** A reply of 5xx to the recipient or to the message (RFC 5321, 4.2.1), or a message longer than the server says it takes. */
function isForGood(error: unknown): error is NodemailerError {
  if (!(error instanceof Error)) return false;
  const { code, command, responseCode } = error as NodemailerError;
  if (responseCode === undefined) return code === 'EMESSAGE' && command === 'MAIL FROM';
  return responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA');
}
