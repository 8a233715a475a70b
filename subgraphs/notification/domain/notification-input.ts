import { z } from 'zod';
import { CHANNELS } from './notification.ts';

/** A subject is one line; PostgreSQL and JSON parsers keep neither NUL nor halves of surrogate pairs. */
const subject = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200, 'has more than 200 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has a character that is not text');
/** A body may have line breaks and tabs. */
const body = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(10_000, 'has more than 10000 characters')
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u, 'has a character that is not text');

/** UUIDs are kept in lower case. */
const id = z.string().toLowerCase();

export const sendInput = z.object({ userId: id, channel: z.enum(CHANNELS), subject, body });

export const readInput = z.object({ id });
