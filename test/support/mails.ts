import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Mail, Mailer } from '#notification/store/mail/mailer.ts';
import { readMail } from './mail-server.ts';

/** Whom test mails are from. */
export const FROM = 'Lockstep <no-reply@lockstep.example>';
/** What no mailer may garble. */
export const TEXT =
  'Grüße 🐙,\n\n.\n.a line that begins with a dot\nFrom here on = signs; und zum Schluß viele Wörter in einer langen Zeile: ' +
  'Bestellung '.repeat(20);

/** A mail of its own id. */
export const newMail = (given: Partial<Mail> = {}): Mail => ({
  to: 'ada@example.org',
  subject: 'Ihre Bestellung ist bestätigt 🎉',
  text: TEXT,
  messageId: `${randomUUID()}@lockstep.example`,
  ...given,
});

/** What sending ends with: an error, or 'sent'. */
export const failureOf = (mailer: Mailer, sent = newMail()): Promise<unknown> =>
  mailer.send(sent).then(
    () => 'sent',
    (error: unknown) => error,
  );

/** What every mail must look like, however it was sent. */
export function expectMail(raw: Buffer, { to, subject, text, messageId }: Mail): void {
  const { headers, text: seen } = readMail(raw);
  expect(Object.fromEntries(headers)).toMatchObject({
    from: FROM,
    to,
    subject,
    'message-id': `<${messageId}>`,
    'auto-submitted': 'auto-generated',
    'content-type': 'text/plain; charset=utf-8',
  });
  expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(10 * 60_000);
  expect(seen.replaceAll('\r\n', '\n').trimEnd()).toBe(text.trimEnd());
}
