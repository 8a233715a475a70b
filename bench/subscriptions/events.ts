import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

/** What the log of every server under test holds. */
export interface Entry {
  readonly __typename: 'Entry';
  readonly id: string;
  readonly number: number;
  readonly text: string;
}

/** Stands in an event's bytes nowhere but before its number and its time. */
export const MARK = '#'.charCodeAt(0);
export const NUMBER_DIGITS = 8;
export const TIME_DIGITS = 16;
/** The number, one character between, the time. */
export const MARKED = 1 + NUMBER_DIGITS + 1 + TIME_DIGITS;
/** With it the message that a client is sent has some 300 bytes. */
const TEXT_LENGTH = 180;

/** What was published just now: its text says which event it is and when that was, in places that can be read without parsing. */
export function entry(number: number): Entry {
  const digits = (value: number, count: number): string => String(Math.round(value)).padStart(count, '0');
  const text = `#${digits(number, NUMBER_DIGITS)}@${digits(microseconds(), TIME_DIGITS)}`.padEnd(TEXT_LENGTH, '.');
  return { __typename: 'Entry', id: `e${number}`, number, text };
}

const [seconds, nanoseconds] = process.hrtime();
const startedAt = seconds * 1e6 + nanoseconds / 1e3 - performance.now() * 1e3;

/** Now, by the clock that all processes of a machine share. */
export function microseconds(): number {
  return startedAt + performance.now() * 1e3;
}

/**
 * Lets the bench say when something is published: each line that comes is the number up to which events are to be, and each connection is
 * told first which there are. Gives the port.
 */
export async function openPublisher(publish: (entry: Entry) => void): Promise<number> {
  let published = 0;
  const server = createServer({ noDelay: true }, (connection) => {
    connection.write(`${published}\n`);
    const lines = createInterface({ input: connection });
    lines.on('line', (upTo) => {
      while (published < Number(upTo)) {
        published += 1;
        publish(entry(published));
      }
    });
    // Whoever has asked is gone, for a reason that it has told itself.
    for (const source of [connection, lines]) source.on('error', () => connection.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
