import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { invariant } from '#shared/invariant.ts';
import { composed, type Mailer } from './mailer.ts';

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
