/** Writes a result's JSON into what one transport sends. */
export type Framing = (json: string) => string;

/** One result of a subscription, written once for all who are given it. */
export class Delivery {
  /** The execution result, `{"data":…,"errors":…,"extensions":…}`. */
  readonly json: string;
  /** From where the stream can be resumed behind this result. */
  readonly cursor: string | undefined;
  readonly #frames = new Map<Framing, Buffer>();

  constructor(json: string, cursor: string | undefined) {
    this.json = json;
    this.cursor = cursor;
  }

  /** The bytes that a transport sends: made once for each framing, which must be one and the same function for all clients. */
  framed(framing: Framing): Buffer {
    const known = this.#frames.get(framing);
    if (known !== undefined) return known;
    const frame = Buffer.from(framing(this.json));
    this.#frames.set(framing, frame);
    return frame;
  }
}
