import type { StreamFormat } from './stream-format.ts';

/** What Apollo's protocol asks for. */
const HEARTBEAT_MS = 5_000;
const BOUNDARY = '\r\n--graphql';
const LAST = '--\r\n';

/**
 * A part begins behind the boundary that was sent with the part before, and ends with the next part's: Apollo Client delivers a part only
 * when the boundary behind it has come, and Sandbox decodes chunk by chunk.
 */
const part = (body: string): string => `\r\ncontent-type: application/json\r\n\r\n${body}${BOUNDARY}`;
const HEARTBEAT = part('{}');

const eventPart = (json: string): string => part(`{"payload":${json}}`);

/** Apollo's multipart protocol for subscriptions, version 1.0. */
export const multipart: StreamFormat = {
  transport: 'multipart',
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: Buffer.from(BOUNDARY + HEARTBEAT),
  heartbeat: { frame: Buffer.from(HEARTBEAT), everyMs: HEARTBEAT_MS },
  frames: (delivery) => [delivery.framed(eventPart)],
  ending: ({ errors }) => (errors.length === 0 ? '' : part(JSON.stringify({ payload: null, errors }))) + LAST,
};
