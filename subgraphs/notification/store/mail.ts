/** An e-mail as it is handed over. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Stays the same however often the mail is sent, so that a mailbox can tell a repetition. */
  readonly messageId: string;
}

export interface Mailer extends AsyncDisposable {
  send(mail: Mail): Promise<void>;
  check(): Promise<void>;
}

export class MailRefused extends Error {
  override readonly name = 'MailRefused';
}
