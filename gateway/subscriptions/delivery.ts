/** Writes a result's JSON into what one transport sends. */
export type Framing = (json: string) => string;

/** What is known of a result's place in its stream. */
interface Place {
  /** From where the stream can be resumed behind this result. */
  readonly cursor?: string | undefined;
  /** It brings no event, only the place. */
  readonly checkpoint?: boolean;
}

/** A result that brings no event: only from where the stream can be resumed. */
export function checkpointAt(cursor: string): Delivery {
  const json = JSON.stringify({ data: null, extensions: { cursor, checkpoint: true } });
  return new Delivery(json, { cursor, checkpoint: true });
}

/** One result of a subscription, written once for all who are given it. */
export class Delivery {
  /** The execution result, `{"data":…,"errors":…,"extensions":…}`. */
  readonly json: string;
  readonly cursor: string | undefined;
  readonly checkpoint: boolean;
  readonly #frames = new Map<Framing, Buffer>();

  constructor(json: string, { cursor, checkpoint = false }: Place = {}) {
    this.json = json;
    this.cursor = cursor;
    this.checkpoint = checkpoint;
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
