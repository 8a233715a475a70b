import type { SendMailOptions } from 'nodemailer';
import { invariant } from '#shared/invariant.ts';

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

/** One address and nothing else: no list, no name, no quoting, nothing that ends a header. */
const ADDRESS = /^[^\s\p{Cc}"(),:;<>@[\\\]]+@[^\s\p{Cc}"(),:;<>@[\\\]]+$/u;
/** What a file may be called everywhere. */
const MESSAGE_ID = /^[\w+=-][\w.+=-]*@[\w.-]+$/;

/** The mail as nodemailer takes it. Throws {@link MailRefused} when no server could take the mail. */
export function composed(from: string, { to, subject, text, messageId }: Mail): SendMailOptions {
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
