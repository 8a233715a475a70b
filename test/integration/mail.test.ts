import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Any, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { openMailServer, readMail, type MailServer } from '../support/mail-server.ts';
import { until } from '../support/poll.ts';
import { register } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const SEND = `mutation Send($userId: ID!, $key: ID!) {
  sendNotification(
    input: { userId: $userId, channel: EMAIL, subject: "Grüße 🎉", body: "Line one.\\nLine two." }
    idempotencyKey: $key
  ) { notification { id status } }
}`;
const STATUS = 'query ($id: ID!) { notification(id: $id) { status attempts lastError sentAt version } }';
const WELCOME = 'Welcome to Lockstep, Ada';

describeOnPostgres('e-mail over SMTP', () => {
  let refusal: number | undefined;
  let mailServer: MailServer;
  let system: System;
  let admin: TestClient;
  beforeAll(async () => {
    mailServer = await openMailServer({ toRecipient: () => refusal });
    system = await openSystem({ smtpUrl: mailServer.url });
    admin = await system.admin();
  });
  afterEach(() => {
    refusal = undefined;
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await mailServer[Symbol.asyncDispose]();
  });

  const send = async (userId: string): Promise<string> =>
    (await admin.ask(SEND, { userId, key: randomUUID() })).sendNotification.notification.id as string;
  const statusOf = async (client: TestClient, id: string): Promise<Any> =>
    (await client.ask(STATUS, { id })).notification;
  const untilIt = (id: string, holds: (now: Any) => boolean): Promise<Any> =>
    until(async () => {
      const now = await statusOf(admin, id);
      return holds(now) && now;
    });
  const lettersTo = (address: string): ReturnType<typeof readMail>[] =>
    mailServer.received.filter(({ recipients }) => recipients.includes(address)).map(({ raw }) => readMail(raw));
  const subjectsTo = (address: string): string[] =>
    lettersTo(address)
      .map(({ headers }) => headers.get('subject') ?? '')
      .toSorted();

  test('reaches the address of the user, and says when', async () => {
    const { id: userId, email } = await register(system.client);
    const id = await send(userId);
    const sent = await untilIt(id, ({ status }) => status === 'SENT');
    expect(sent).toMatchObject({ attempts: 1, lastError: null, sentAt: expect.any(String), version: 2 });
    await until(() => lettersTo(email).length === 2);
    expect(subjectsTo(email)).toEqual(['Grüße 🎉', WELCOME]);
    const letter = lettersTo(email).find(({ headers }) => headers.get('subject') !== WELCOME);
    expect(letter?.text.trim().split('\r\n')).toEqual(['Line one.', 'Line two.']);
    expect(letter?.headers.get('message-id')).toContain(id);
  });

  test('waits for a server that takes nothing now, tells nobody but admins why, and is sent in the end', async () => {
    const { id: userId, email, client } = await register(system.client);
    await until(() => lettersTo(email).length === 1);
    refusal = 451;
    const id = await send(userId);
    const waiting = await untilIt(id, ({ attempts }) => attempts >= 2);
    expect(waiting).toMatchObject({ status: 'PENDING', version: 1, lastError: expect.stringContaining('451') });
    expect(await statusOf(client, id)).toMatchObject({ status: 'PENDING', lastError: null });
    refusal = undefined;
    await untilIt(id, ({ status }) => status === 'SENT');
    expect(subjectsTo(email)).toEqual(['Grüße 🎉', WELCOME]);
  });

  test('is given up at once when the mailbox is refused for good', async () => {
    const { id: userId, email } = await register(system.client);
    await until(() => lettersTo(email).length === 1);
    refusal = 550;
    const id = await send(userId);
    const failed = await untilIt(id, ({ status }) => status === 'FAILED');
    expect(failed).toMatchObject({ attempts: 1, version: 2, sentAt: null, lastError: expect.stringContaining('550') });
  });

  test('is sent once where two look for what is due', async () => {
    await system.secondNotification();
    const customers = await Promise.all(Array.from({ length: 5 }, () => register(system.client)));
    const ids = await Promise.all(customers.map(({ id }) => send(id)));
    for (const id of ids) await untilIt(id, ({ status }) => status === 'SENT');
    for (const { email } of customers) {
      await until(() => lettersTo(email).length >= 2);
      expect(subjectsTo(email)).toEqual(['Grüße 🎉', WELCOME]);
    }
  });
});
