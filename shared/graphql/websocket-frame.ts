/** FIN, and the opcode of text. */
const WHOLE_TEXT = 0x81;
/** Up to here the length stands in the second byte itself. */
const SHORT = 125;
/** Stands for a length of 16 bits. */
const MEDIUM = 126;
const MEDIUM_BYTES = 2;

/** What {@link textFrame} can hold. */
export const LARGEST_FRAME = 2 ** 16 - 1;

/**
 * A server's frame (RFC 6455 §5.2) of one text message that comes in two parts, up to {@link LARGEST_FRAME} bytes together. Where no
 * extension is agreed upon, as with us, it may be written between what `ws` sends.
 */
export function textFrame(head: Buffer, rest: Buffer): Buffer {
  const length = head.length + rest.length;
  const start = 2 + (length > SHORT ? MEDIUM_BYTES : 0);
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = WHOLE_TEXT;
  frame[1] = length > SHORT ? MEDIUM : length;
  if (length > SHORT) frame.writeUInt16BE(length, 2);
  frame.set(head, start);
  frame.set(rest, start + head.length);
  return frame;
}
