import { z } from 'zod';

/** As the database writes it, so that it finds what the database gives. */
const eventId = z.uuid('is not a UUID').toLowerCase();
/** PostgreSQL keeps neither NUL nor halves of surrogate pairs. */
const TEXT = /^[^\p{Cc}\p{Cs}]*$/u;

/** Which dead letters are to be delivered again: one, or all. */
export const redeliverFields = { eventId: eventId.nullish(), all: z.boolean().nullish() };

/** What {@link redeliverFields} must say: one, or all, and not both. */
export const oneOrAll = z.refine<{ eventId?: string | null | undefined; all?: boolean | null | undefined }>(
  (input) => (input.eventId == null) === (input.all === true),
  { path: ['eventId'], error: 'is to be given unless all is true, and only then' },
);

/** Which dead letter is to be given up, and why. */
export const discardFields = {
  eventId,
  /** Room for what happened and who was asked. */
  reason: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(500, 'has more than 500 characters')
    .regex(TEXT, 'has a character that is not text'),
};
