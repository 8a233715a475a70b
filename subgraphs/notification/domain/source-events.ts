import { z } from 'zod';
import { versionOf, type CloudEvent } from '#shared/cloud-event.ts';
import type { Profile } from './profile.ts';
import type { OrderFacts } from './templates.ts';

const instant = z.iso.datetime().transform((text) => new Date(text));

/** What this service reads of a user's event; the rest is none of its business. */
const userRecord = z.object({
  firstName: z.string(),
  lastName: z.string(),
  email: z.string(),
  mobile: z.string().nullable(),
  status: z.string(),
  createdAt: instant,
  updatedAt: instant,
});

const orderRecord = z.object({
  id: z.string(),
  userId: z.string(),
  lines: z.array(
    z.object({ productId: z.string(), quantity: z.number().int(), unitPrice: z.number().int().nullable() }),
  ),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  currency: z.string(),
});

/** The copy that a user's event makes. Throws on an event that is not what the user service publishes. */
export function profileOf(event: CloudEvent): Profile {
  const revision = Number(event.revision);
  return { ...userRecord.parse(event.data), userId: event.subject, revision, version: versionOf(revision) };
}

/** The order that an event tells of. Throws on an event that is not what the order service publishes. */
export function orderOf(event: CloudEvent): OrderFacts {
  return orderRecord.parse(event.data);
}
