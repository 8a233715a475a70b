import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from '#shared/refusal.ts';

/** Opens one event stream in the name of whom it was given to. */
export interface Ticket {
  readonly ticket: string;
  readonly expiresAt: Date;
}

interface IssuedTicket {
  readonly authorization: string;
  readonly holder: string;
  readonly expiresAt: number;
}

/** A page uses it at once; what a log or a history keeps of a URL is worthless by the time it is read. */
const LIFE_MS = 30_000;
/** A browser opens six connections to one host over HTTP/1.1: more than some pages' worth at once is a loop. */
const MOST_OF_ONE_HOLDER = 50;
/** Each is a token of less than a kilobyte: some 10 MB. */
const MOST = 10_000;
/** As many bits as the hash that keeps them. */
const RANDOM_BYTES = 32;

/** The tickets that this gateway has given and that were not used yet. */
export class Tickets {
  readonly #now: () => number;
  /** By the hash of the ticket, oldest first: neither a copy of this memory nor the time of a look-up gives one away. */
  readonly #issued = new Map<string, IssuedTicket>();
  readonly #held = new Map<string, number>();

  /** `now` is in milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A new ticket for who has shown this `Authorization`. Throws `RATE_LIMITED` when there are too many unused ones. */
  issue(authorization: string, holder: string): Ticket {
    this.#forgetExpired();
    if (this.#issued.size >= MOST || (this.#held.get(holder) ?? 0) >= MOST_OF_ONE_HOLDER) {
      throw new Refusal('RATE_LIMITED', 'There are too many unused tickets; open streams with them, or wait a moment.');
    }
    const ticket = randomBytes(RANDOM_BYTES).toString('base64url');
    const expiresAt = this.#now() + LIFE_MS;
    this.#issued.set(hashOf(ticket), { authorization, holder, expiresAt });
    this.#held.set(holder, (this.#held.get(holder) ?? 0) + 1);
    return { ticket, expiresAt: new Date(expiresAt) };
  }

  /** The `Authorization` that a ticket stands for, once. Throws `UNAUTHENTICATED` when it was used, has expired, or is none. */
  redeem(ticket: string): string {
    this.#forgetExpired();
    const hash = hashOf(ticket);
    const issued = this.#issued.get(hash);
    if (issued === undefined) {
      throw new Refusal('UNAUTHENTICATED', 'The ticket was used already, has expired, or is none; ask for a new one.');
    }
    this.#forget(hash, issued);
    return issued.authorization;
  }

  #forgetExpired(): void {
    for (const [hash, issued] of this.#issued) {
      if (issued.expiresAt > this.#now()) return;
      this.#forget(hash, issued);
    }
  }

  #forget(hash: string, { holder }: IssuedTicket): void {
    this.#issued.delete(hash);
    const left = (this.#held.get(holder) ?? 1) - 1;
    if (left === 0) this.#held.delete(holder);
    else this.#held.set(holder, left);
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
