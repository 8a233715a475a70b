import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort } from '#test/support/free-port.ts';
import { openMailServer, readMail } from '#test/support/mail-server.ts';
import { until } from '#test/support/poll.ts';
import { quietLog } from '#test/support/store.ts';
import { MailRefused, openFolderMailer, openSmtpMailer, type Mail, type Mailer } from './mail.ts';

const FROM = 'Lockstep <no-reply@lockstep.example>';
const TEXT =
  'Grüße 🐙,\n\n.\n.a line that begins with a dot\nFrom here on = signs; und zum Schluß viele Wörter in einer langen Zeile: ' +
  'Bestellung '.repeat(20);

const mail = (given: Partial<Mail> = {}): Mail => ({
  to: 'ada@example.org',
  subject: 'Ihre Bestellung ist bestätigt 🎉',
  text: TEXT,
  messageId: `${randomUUID()}@lockstep.example`,
  ...given,
});

const openMailer = (url: string): Mailer => openSmtpMailer({ url, from: FROM, log: quietLog });
const failureOf = (mailer: Mailer, sent = mail()): Promise<unknown> =>
  mailer.send(sent).then(
    () => 'sent',
    (error: unknown) => error,
  );

/** A server that ends the connection when it hears this; '' is the first moment, before it greets. */
async function openDroppingServer(heard: RegExp): Promise<{ url: string; connected: () => number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (heard.test(String(data))) socket.destroy();
      else socket.write(String(data).startsWith('DATA') ? '354 go on\r\n' : '250 yes\r\n');
    });
    if (heard.test('')) socket.end();
    else socket.write('220 here\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connected: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What every mail must look like, however it was sent. */
function expectMail(raw: Buffer, { to, subject, text, messageId }: Mail): void {
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

describe('mail by SMTP', () => {
  test('arrives as it was written', async () => {
    await using server = await openMailServer();
    await using mailer = openMailer(server.url);
    const sent = [mail(), mail({ subject: 'plain', text: 'plain' }), mail({ to: 'grüße@exämple.org', text: '' })];
    for (const each of sent) await mailer.send(each);
    expect(server.received.map(({ recipients }) => recipients)).toEqual([
      ['ada@example.org'],
      ['ada@example.org'],
      [expect.stringMatching(/^grüße@/)],
    ]);
    for (const at of [0, 1]) expectMail(server.received[at]!.raw, sent[at]!);
  });

  test('bears the same id when it is sent again', async () => {
    let busy = true;
    await using server = await openMailServer({ toMessage: () => (busy ? 451 : undefined) });
    await using mailer = openMailer(server.url);
    const sent = mail();
    expect(await failureOf(mailer, sent)).not.toBeInstanceOf(MailRefused);
    busy = false;
    await mailer.send(sent);
    await mailer.send(sent);
    expect(server.received).toHaveLength(2);
    for (const { raw } of server.received) expectMail(raw, sent);
  });

  test.each([
    { what: 'whose recipient is refused with 550', answers: { toRecipient: () => 550 } },
    { what: 'that is refused with 554', answers: { toMessage: () => 554 } },
  ])('$what is refused for good', async ({ answers }) => {
    await using server = await openMailServer(answers);
    await using mailer = openMailer(server.url);
    expect(await failureOf(mailer)).toBeInstanceOf(MailRefused);
    expect(server.received).toEqual([]);
  });

  test.each([
    { what: 'whose recipient is put off with 450', answers: { toRecipient: () => 450 } },
    { what: 'that is put off with 452', answers: { toMessage: () => 452 } },
  ])('$what may be sent again', async ({ answers }) => {
    await using server = await openMailServer(answers);
    await using mailer = openMailer(server.url);
    const error = await failureOf(mailer);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MailRefused);
    expect(server.received).toEqual([]);
  });

  test.each([/^$/, /^EHLO/, /^RCPT/, /^DATA/, /Message-ID/])(
    'whose connection is lost at %s may be sent again',
    async (heard) => {
      await using server = await openDroppingServer(heard);
      await using mailer = openMailer(server.url);
      const error = await failureOf(mailer);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(MailRefused);
      expect(server.connected(), 'one attempt').toBe(1);
    },
  );

  test('whose server cannot be reached may be sent again, and is told by the check', async () => {
    await using mailer = openMailer(`smtp://127.0.0.1:${await freePort()}`);
    const error = await failureOf(mailer);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MailRefused);
    await expect(mailer.check()).rejects.toThrow();
  });

  test('is sent again by the same mailer after its server was away', async () => {
    const before = await openMailServer();
    await using mailer = openMailer(before.url);
    await mailer.send(mail());
    await before[Symbol.asyncDispose]();
    expect(await failureOf(mailer)).toBeInstanceOf(Error);
    await using after = await openMailServer({ port: Number(new URL(before.url).port) });
    await until(() => mailer.send(mail()).then(() => true));
    expect(after.received).toHaveLength(1);
  });

  test('leaves no connection behind when its mailer is closed', async () => {
    await using server = await openMailServer();
    const mailer = openMailer(server.url);
    await Promise.all(Array.from({ length: 12 }, () => mailer.send(mail())));
    await mailer.check();
    expect(server.received).toHaveLength(12);
    expect(server.connections()).toBeGreaterThan(0);
    await mailer[Symbol.asyncDispose]();
    // Left to themselves, they would end after twice that time.
    await until(() => server.connections() === 0, { what: 'the end of the connections', deadlineMs: 15_000 });
    expect(await failureOf(mailer)).toBeInstanceOf(Error);
  });

  test('that is on its way when its mailer is closed arrives', async () => {
    const [asked, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<undefined>()];
    await using server = await openMailServer({
      toMessage: () => {
        asked.resolve();
        return goOn.promise;
      },
    });
    const mailer = openMailer(server.url);
    const sent = failureOf(mailer);
    await asked.promise;
    const closed = mailer[Symbol.asyncDispose]();
    goOn.resolve(undefined);
    expect(await sent).toBe('sent');
    await closed;
  });

  test('that a silent server holds up ends with its mailer', async () => {
    const [asked, never] = [Promise.withResolvers<void>(), Promise.withResolvers<undefined>()];
    await using server = await openMailServer({
      toMessage: () => {
        asked.resolve();
        return never.promise;
      },
    });
    const mailer = openMailer(server.url);
    const sent = failureOf(mailer);
    await asked.promise;
    await mailer[Symbol.asyncDispose]();
    expect(await sent).toBeInstanceOf(Error);
    expect(await sent).not.toBeInstanceOf(MailRefused);
    await until(() => server.connections() === 0, { what: 'the end of the connection' });
  });
});

describe('mail in a folder', () => {
  async function newFolder(): Promise<{ path: string } & AsyncDisposable> {
    const path = await mkdtemp(join(tmpdir(), 'lockstep-test-mail-'));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  }

  test('is one file however often it is sent, and a true message', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'outbox');
    await using mailer = openFolderMailer({ folder: path, from: FROM });
    const sent = mail();
    await mailer.send(mail({ messageId: sent.messageId, text: 'an earlier attempt' }));
    await Promise.all([mailer.send(sent), mailer.send(sent)]);
    expect(await readdir(path)).toEqual([`${sent.messageId}.eml`]);
    const raw = await readFile(join(path, `${sent.messageId}.eml`));
    expectMail(raw, sent);
    expect(raw.toString('latin1').replaceAll('\r\n', ''), 'lines end with CR LF').not.toMatch(/[\r\n]/);
  });

  test('that cannot be written may be sent again, and is told by the check', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'outbox');
    await using mailer = openFolderMailer({ folder: path, from: FROM });
    await expect(mailer.check()).resolves.toBeUndefined();
    await rm(path, { recursive: true });
    await writeFile(path, 'a file');
    const error = await failureOf(mailer);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MailRefused);
    await expect(mailer.check()).rejects.toThrow();
  });

  test("is nobody's to read but the owner's", async ({ skip }) => {
    skip(process.platform === 'win32', 'Windows has no file modes');
    await using folder = await newFolder();
    const path = join(folder.path, 'outbox');
    await using mailer = openFolderMailer({ folder: path, from: FROM });
    const sent = mail();
    await mailer.send(sent);
    const modes = [path, join(path, `${sent.messageId}.eml`)].map(async (one) => (await stat(one)).mode % 0o1000);
    expect(await Promise.all(modes)).toEqual([0o700, 0o600]);
  });

  test('leads nowhere else by its id', async () => {
    await using folder = await newFolder();
    await using mailer = openFolderMailer({ folder: join(folder.path, 'outbox'), from: FROM });
    for (const messageId of ['../escaped@x', 'a/b@x', '.hidden@x', 'a@x\r\nBcc: eve@example.org', 'a', '']) {
      await expect(mailer.send(mail({ messageId }))).rejects.toThrow();
    }
    expect(await readdir(folder.path)).toEqual([]);
  });
});

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
    expect(await failureOf(mailer, mail({ to }))).toBeInstanceOf(MailRefused);
    expect(server.received).toEqual([]);
  });

  test.each(['\r\n', '\n', '\r', '\u0000\r\n', '\u2028'])(
    'has no header that its subject smuggles in (after %j)',
    async (end) => {
      await using server = await openMailServer();
      await using mailer = openMailer(server.url);
      const sent = mail({ subject: `Hello${end}Bcc: eve@example.org${end}${end}<b>another body</b>` });
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
