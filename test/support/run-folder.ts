import { chmod, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux keeps what lies here in memory. */
const MEMORY = '/dev/shm';
/** Several times what parts of a run have held at once (300 MB); whoever has less to spare keeps it on the disk. */
const ROOM_BYTES = 2 * 2 ** 30;
const PREFIX = 'lockstep-run-';

/**
 * One folder for everything temporary of this run, and of every process that it starts: in memory where there is room, since making and
 * dropping hundreds of databases keeps a file system busier than PostgreSQL itself. A TMPDIR that is set stays what it is.
 * Disposing of it removes all that is in it.
 */
export async function openRunFolder(): Promise<AsyncDisposable> {
  if (process.env['TMPDIR'] !== undefined || !(await hasRoomInMemory()))
    return { [Symbol.asyncDispose]: async () => {} };
  await removeLeftOvers();
  const path = await mkdtemp(join(MEMORY, `${PREFIX}${process.pid}-`));
  // PostgreSQL runs as another user when tests run as root.
  await chmod(path, 0o711);
  process.env['TMPDIR'] = path;
  return {
    [Symbol.asyncDispose]: async () => {
      delete process.env['TMPDIR'];
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function hasRoomInMemory(): Promise<boolean> {
  if (process.platform !== 'linux' || tmpdir().startsWith(MEMORY)) return false;
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= ROOM_BYTES && process.availableMemory() >= 2 * ROOM_BYTES;
}

/** A killed run removes nothing, and memory is not forgotten as /tmp is. */
async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(MEMORY)) {
    if (!name.startsWith(PREFIX) || isRunning(Number.parseInt(name.slice(PREFIX.length), 10))) continue;
    await rm(join(MEMORY, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
