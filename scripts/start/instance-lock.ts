import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { HOST } from './ports.ts';
import { StartProblem } from './start-problem.ts';

/** One running system per data directory. */
export interface InstanceLock extends AsyncDisposable {
  /** The last holder did not end by itself: what it ran may still be ending. */
  readonly lastHolderWasKilled: boolean;
}

const holderSchema = z.object({ pid: z.number(), port: z.number() });

/**
 * Holds the data directory for this process, or throws a {@link StartProblem} that names the holder.
 *
 * The lock is an exclusive transaction on an SQLite file: the operating system lets go of it when the process ends, however
 * it ends, and no reused process id can be taken for it. The text file beside it only serves the message.
 */
export async function holdInstanceLock(directory: string, port: number): Promise<InstanceLock> {
  const holderFile = join(directory, 'lock.json');
  const database = lock(join(directory, 'lock'), holderFile);
  try {
    const lastHolderWasKilled = existsSync(holderFile);
    await writeFile(holderFile, JSON.stringify({ pid: process.pid, port }), { mode: 0o600 });
    return {
      lastHolderWasKilled,
      async [Symbol.asyncDispose]() {
        await rm(holderFile, { force: true });
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

const SQLITE_BUSY = 5;
/** A system that has just been told to stop lets go within moments: whoever starts it anew at once waits for that. */
const HOLDER_ENDS_WITHIN_MS = 3_000;

function lock(file: string, holderFile: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // Made first, so that no other user may open it and keep us out.
    closeSync(openSync(file, 'a', 0o600));
    database = new DatabaseSync(file, { timeout: HOLDER_ENDS_WITHIN_MS });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new StartProblem(describeHolder(holderFile), { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartProblem(
      `${file} cannot be locked (${reason}); remove that file or choose another folder with --data-dir.`,
      {
        cause: error,
      },
    );
  }
}

function describeHolder(holderFile: string): string {
  try {
    const { pid, port } = holderSchema.parse(JSON.parse(readFileSync(holderFile, 'utf8')));
    return `Lockstep already runs on this data directory (process ${pid}, http://${HOST}:${port}/); stop it, or choose another folder with --data-dir.`;
  } catch {
    return 'Lockstep already runs on this data directory; stop it, or choose another folder with --data-dir.';
  }
}
