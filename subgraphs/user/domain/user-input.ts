import { z } from 'zod';
import { USER_STATUSES } from './user.ts';

/** Control characters (PostgreSQL keeps no NUL) and halves of surrogate pairs (no JSON parser takes them) are nobody's name. */
const isText = (value: string): boolean => /^[^\p{Cc}\p{Cs}]*$/u.test(value);
const shortText = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'has more than 100 characters')
  .refine(isText, 'has a character that is not text');
/** RFC 5321 allows 254 characters. */
const email = z.string().trim().max(254, 'has more than 254 characters').pipe(z.email('is not an e-mail address'));
const password = z.string().min(8, 'has fewer than 8 characters').max(200, 'has more than 200 characters');
const mobile = z
  .string()
  .trim()
  .regex(/^\+[1-9]\d{6,14}$/, 'is not an E.164 number such as +4915112345678');

/** GraphQL's null for "left out" and for a field that cannot be removed means the same: it stays. */
const orUnchanged = <Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema> | undefined> =>
  schema.nullish().transform((value) => value ?? undefined);

export const registrationInput = z.object({
  firstName: shortText,
  lastName: shortText,
  email,
  password,
  mobile: mobile.nullish().transform((value) => value ?? null),
});

export const updateInput = z.object({
  id: z.string(),
  firstName: orUnchanged(shortText),
  lastName: orUnchanged(shortText),
  email: orUnchanged(email),
  mobile: mobile.nullable().optional(),
});

export const statusInput = z.object({ id: z.string(), status: z.enum(USER_STATUSES) });

export const filterInput = z.object({
  search: shortText.nullish(),
});
