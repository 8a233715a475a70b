import type { Delivery } from '../subscriptions/delivery.ts';
import type { StreamEnd, Transport } from '../subscriptions/subscription.ts';

/** How one protocol writes a subscription into the body of an HTTP answer. */
export interface StreamFormat {
  readonly transport: Transport;
  readonly contentType: string;
  /** Goes out with the head: proxies and clients see at once that the stream is there. */
  readonly opening: Buffer;
  /** Keeps an idle stream open through proxies, and finds out that a client is gone. */
  readonly heartbeat: { readonly frame: Buffer; readonly everyMs: number };
  /** What a result is written as; each piece is sent as one chunk. */
  frames(delivery: Delivery): readonly Buffer[];
  ending(end: StreamEnd): string;
}
