import { badInput } from '../refusal.ts';

/** The opaque text clients hand back as `after:`. It names the source and the position of the last event they have seen. */
export function encodeCursor(source: string, position: number): string {
  return Buffer.from(`${source}:${position}`).toString('base64url');
}

/** The position in a cursor of `source`. Throws `BAD_USER_INPUT` when it is not one. */
export function decodeCursor(source: string, cursor: string): number {
  const [, of, position] = /^(.+):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (of !== source || position === undefined) throw badInput('after', 'This is not a cursor of this subscription.');
  return Number(position);
}
