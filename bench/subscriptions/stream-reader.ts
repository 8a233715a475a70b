import { MARK, MARKED, NUMBER_DIGITS, TIME_DIGITS } from './events.ts';

/** What a connection's bytes tell. */
export interface Heard {
  /** The answer to the upgrade, or the head of the answer, without the empty line. */
  readonly head: (head: string) => void;
  /** A message that is no event. */
  readonly message: (text: string) => void;
  /** An event, by its number, and when it was published, in microseconds. */
  readonly event: (number: number, publishedAt: number) => void;
  /** A ping, to be answered with these bytes. */
  readonly ping: (payload: Buffer) => void;
}

const END_OF_HEAD = '\r\n\r\n';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;

/** Reads a server's bytes as they come, and of an event nothing but its mark: a client must cost less than what it measures. */
export abstract class StreamReader {
  protected readonly heard: Heard;
  #left: Buffer | undefined;
  #inBody = false;

  constructor(heard: Heard) {
    this.heard = heard;
  }

  /** The bytes are only looked at before this returns. */
  take(bytes: Buffer): void {
    const data = this.#left === undefined ? bytes : Buffer.concat([this.#left, bytes]);
    let at = 0;
    if (!this.#inBody) {
      const end = data.indexOf(END_OF_HEAD);
      if (end !== -1) {
        this.#inBody = true;
        at = end + END_OF_HEAD.length;
        this.heard.head(data.toString('latin1', 0, end));
      }
    }
    if (this.#inBody) at = this.body(data, at);
    this.#left = at < data.length ? Buffer.from(data.subarray(at)) : undefined;
  }

  /** Reads from a place on; gives the place up to which everything is done with. */
  protected abstract body(data: Buffer, from: number): number;

  protected event(data: Buffer, mark: number): void {
    const number = digits(data, mark + 1, NUMBER_DIGITS);
    this.heard.event(number, digits(data, mark + 1 + NUMBER_DIGITS + 1, TIME_DIGITS));
  }
}

/** Frames of RFC 6455 §5.2, as a server sends them: not masked, and here never split or above 64 KiB. */
export class WebSocketReader extends StreamReader {
  /** Where the mark was in the last event, from the beginning of its payload on: mostly it is there again. */
  #markAt = 0;

  protected override body(data: Buffer, from: number): number {
    let at = from;
    while (at + 2 <= data.length) {
      const short = (data[at + 1] ?? 0) & 0x7f;
      if (short === 127) throw new Error('a frame above 64 KiB');
      const start = at + (short === 126 ? 4 : 2);
      if (start > data.length) break;
      const end = start + (short === 126 ? data.readUInt16BE(at + 2) : short);
      if (end > data.length) break;
      this.#frame((data[at] ?? 0) & 0x0f, data, { start, end });
      at = end;
    }
    return at;
  }

  #frame(kind: number, data: Buffer, { start, end }: { start: number; end: number }): void {
    if (kind === PING) return this.heard.ping(data.subarray(start, end));
    if (kind !== TEXT) throw new Error(kind === CLOSE ? closing(data, start, end) : `a frame of kind ${kind}`);
    if (data[start + this.#markAt] !== MARK) {
      const mark = data.indexOf(MARK, start);
      if (mark === -1 || mark >= end) return this.heard.message(data.toString('utf8', start, end));
      this.#markAt = mark - start;
    }
    this.event(data, start + this.#markAt);
  }
}

/** The body of an SSE answer: marks are looked for, whatever stands between them. */
export class EventStreamReader extends StreamReader {
  protected override body(data: Buffer, from: number): number {
    let at = from;
    for (;;) {
      const mark = data.indexOf(MARK, at);
      if (mark === -1) return data.length;
      if (mark + MARKED > data.length) return mark;
      this.event(data, mark);
      at = mark + MARKED;
    }
  }
}

function digits(data: Buffer, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) value = value * 10 + (data[at] ?? 0) - 48;
  return value;
}

function closing(data: Buffer, start: number, end: number): string {
  return `closed with ${data.readUInt16BE(start)} ${data.toString('utf8', start + 2, end)}`;
}
