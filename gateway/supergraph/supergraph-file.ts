import { readFile } from 'node:fs/promises';
import { pause } from '#shared/retry.ts';

/** What lies on disk: a text, or why there is none. */
export type Found = { readonly text: string } | { readonly unreadable: Error };

/** Who writes the file in place does so in several steps; one who pauses for longer has written what is judged as it stands. */
const SETTLED_MS = 200;

/**
 * Reads a file that somebody may be writing. Looks at its content alone: watches on files and their times lose what happens behind a
 * symbolic link, on network file systems, and when the file is replaced.
 */
export class SupergraphFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Never rejects. */
  async look(): Promise<Found> {
    try {
      return { text: await readFile(this.#path, 'utf8') };
    } catch (error) {
      return { unreadable: error as Error };
    }
  }

  /** What is found when it has stayed the same for a while; undefined when the signal aborts before. */
  async settled(signal: AbortSignal): Promise<Found | undefined> {
    for (let before = await this.look(); ;) {
      await pause(SETTLED_MS, signal);
      if (signal.aborted) return undefined;
      const now = await this.look();
      if (isSame(before, now)) return now;
      before = now;
    }
  }
}

export function isSame(one: Found, other: Found): boolean {
  if ('text' in one) return 'text' in other && one.text === other.text;
  return 'unreadable' in other && one.unreadable.message === other.unreadable.message;
}
