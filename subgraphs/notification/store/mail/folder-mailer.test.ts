import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectMail, failureOf, FROM, newMail } from '#test/support/mails.ts';
import { openFolderMailer } from './folder-mailer.ts';
import { MailRefused } from './mailer.ts';

describe('mail in a folder', () => {
  async function newFolder(): Promise<{ path: string } & AsyncDisposable> {
    const path = await mkdtemp(join(tmpdir(), 'lockstep-test-mail-'));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  }

  test('is one file however often it is sent, and a true message', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'outbox');
    await using mailer = openFolderMailer({ folder: path, from: FROM });
    const sent = newMail();
    await mailer.send(newMail({ messageId: sent.messageId, text: 'an earlier attempt' }));
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
    const sent = newMail();
    await mailer.send(sent);
    const modes = [path, join(path, `${sent.messageId}.eml`)].map(async (one) => (await stat(one)).mode % 0o1000);
    expect(await Promise.all(modes)).toEqual([0o700, 0o600]);
  });

  test('leads nowhere else by its id', async () => {
    await using folder = await newFolder();
    await using mailer = openFolderMailer({ folder: join(folder.path, 'outbox'), from: FROM });
    for (const messageId of ['../escaped@x', 'a/b@x', '.hidden@x', 'a@x\r\nBcc: eve@example.org', 'a', '']) {
      await expect(mailer.send(newMail({ messageId }))).rejects.toThrow();
    }
    expect(await readdir(folder.path)).toEqual([]);
  });
});
