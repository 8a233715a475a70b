import { z } from 'zod';

/** As the database writes it, so that it finds what the database gives. */
const eventId = z.uuid('is not a UUID').toLowerCase();
/** PostgreSQL keeps neither NUL nor halves of surrogate pairs. */
const TEXT = /^[^\p{Cc}\p{Cs}]*$/u;

/** One dead letter of a pipeline, or all. */
export const redeliverInput = z
  .object({
    pipeline: z.string(),
    eventId: eventId.nullish(),
    all: z.boolean().nullish(),
  })
  .refine((input) => (input.eventId == null) === (input.all === true), {
    path: ['eventId'],
    message: 'is to be given unless all is true, and only then',
  });

export const discardInput = z.object({
  pipeline: z.string(),
  eventId,
  /** Room for what happened and who was asked. */
  reason: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(500, 'has more than 500 characters')
    .regex(TEXT, 'has a character that is not text'),
});
