import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort } from '#test/support/free-port.ts';
import { openMailServer } from '#test/support/mail-server.ts';
import { expectMail, failureOf, FROM, newMail } from '#test/support/mails.ts';
import { until } from '#test/support/poll.ts';
import { quietLog } from '#test/support/store.ts';
import { MailRefused, type Mailer } from './mailer.ts';
import { openSmtpMailer } from './smtp-mailer.ts';

const openMailer = (url: string): Mailer => openSmtpMailer({ url, from: FROM, log: quietLog });

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

/** A server that says when it has been given a message, and answers then. */
const openHoldingServer = (
  asked: PromiseWithResolvers<void>,
  then: Promise<undefined>,
): ReturnType<typeof openMailServer> =>
  openMailServer({
    toMessage: () => {
      asked.resolve();
      return then;
    },
  });

describe('mail by SMTP', () => {
  test('arrives as it was written', async () => {
    await using server = await openMailServer();
    await using mailer = openMailer(server.url);
    const sent = [
      newMail(),
      newMail({ subject: 'plain', text: 'plain' }),
      newMail({ to: 'grüße@exämple.org', text: '' }),
    ];
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
    const sent = newMail();
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
    await mailer.send(newMail());
    await before[Symbol.asyncDispose]();
    expect(await failureOf(mailer)).toBeInstanceOf(Error);
    await using after = await openMailServer({ port: Number(new URL(before.url).port) });
    await until(() => mailer.send(newMail()).then(() => true));
    expect(after.received).toHaveLength(1);
  });

  test('leaves no connection behind when its mailer is closed', async () => {
    await using server = await openMailServer();
    const mailer = openMailer(server.url);
    await Promise.all(Array.from({ length: 12 }, () => mailer.send(newMail())));
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
    await using server = await openHoldingServer(asked, goOn.promise);
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
    await using server = await openHoldingServer(asked, never.promise);
    const mailer = openMailer(server.url);
    const sent = failureOf(mailer);
    await asked.promise;
    await mailer[Symbol.asyncDispose]();
    expect(await sent).toBeInstanceOf(Error);
    expect(await sent).not.toBeInstanceOf(MailRefused);
    await until(() => server.connections() === 0, { what: 'the end of the connection' });
  });
});
