import { describe, expect, test } from 'vitest';
import { openMailServer, readMail } from '#test/support/mail-server.ts';
import { failureOf, FROM, newMail, TEXT } from '#test/support/mails.ts';
import { quietLog } from '#test/support/store.ts';
import { MailRefused, type Mailer } from './mailer.ts';
import { openSmtpMailer } from './smtp-mailer.ts';

const openMailer = (url: string): Mailer => openSmtpMailer({ url, from: FROM, log: quietLog });

describe('a mail', () => {
  test.each([
    'ada@example.org, eve@example.org',
    'ada@example.org eve@example.org',
    'ada@example.org\r\nBcc: eve@example.org',
    'ada@example.org\nRCPT TO:<eve@example.org>',
    'Ada <ada@example.org>',
    '<ada@example.org>',
    'group:ada@example.org;',
    'ada@eve@example.org',
    'ada',
    '@example.org',
    '',
  ])('to %j is refused for good, and nobody gets it', async (to) => {
    await using server = await openMailServer();
    await using mailer = openMailer(server.url);
    expect(await failureOf(mailer, newMail({ to }))).toBeInstanceOf(MailRefused);
    expect(server.received).toEqual([]);
  });

  test.each(['\r\n', '\n', '\r', '\u0000\r\n', '\u2028'])(
    'has no header that its subject smuggles in (after %j)',
    async (end) => {
      await using server = await openMailServer();
      await using mailer = openMailer(server.url);
      const sent = newMail({ subject: `Hello${end}Bcc: eve@example.org${end}${end}<b>another body</b>` });
      await mailer.send(sent);
      const [received] = server.received;
      const { headers, text } = readMail(received!.raw);
      expect(received!.recipients).toEqual(['ada@example.org']);
      expect([...headers.keys()].toSorted()).toEqual([
        'auto-submitted',
        'content-transfer-encoding',
        'content-type',
        'date',
        'from',
        'message-id',
        'mime-version',
        'subject',
        'to',
      ]);
      expect(text.replaceAll('\r\n', '\n').trimEnd()).toBe(TEXT.trimEnd());
    },
  );
});
