import { z } from 'zod';

/** Beyond this an order is a mistake, or an attempt to empty the store (CONTRACT.md). */
const MOST_PIECES = 1_000;
/** An order's lines are locked together; more would lock half the store. */
const MOST_LINES = 100;

const quantity = z.int().min(1, 'is below 1').max(MOST_PIECES, `is above ${MOST_PIECES}`);
/** PostgreSQL keeps neither NUL nor halves of surrogate pairs. */
const TEXT = /^[^\p{Cc}\p{Cs}]*$/u;
const NO_TEXT = 'has a character that is not text';
const productId = z.string().max(100, 'has more than 100 characters').regex(TEXT, NO_TEXT);
const line = z.object({ productId, quantity });

/** Lines of an order or a question: not empty, no product twice. */
const lines = z
  .array(line)
  .min(1, 'must not be empty')
  .max(MOST_LINES, `has more than ${MOST_LINES} lines`)
  .superRefine((items, context) => {
    const seen = new Set<string>();
    for (const [at, { productId }] of items.entries()) {
      if (seen.has(productId))
        context.addIssue({ code: 'custom', path: [at, 'productId'], message: 'stands in an earlier line too' });
      seen.add(productId);
    }
  });

export interface Line {
  readonly productId: string;
  readonly quantity: number;
}

export const availabilityInput = z.object({ items: lines });

/** As the database writes it, so that it finds what the database gives. */
const orderId = z.uuid('is not a UUID').toLowerCase();

export const reservationInput = z.object({ orderId, items: lines });

export const stepInput = z.object({ orderId });

/** Enough for any delivery, and far below what a counter holds. */
const LARGEST_CHANGE = 1_000_000;

export const adjustmentInput = z.object({
  productId,
  change: z
    .int()
    .min(-LARGEST_CHANGE, `is below -${LARGEST_CHANGE}`)
    .max(LARGEST_CHANGE, `is above ${LARGEST_CHANGE}`)
    .refine((change) => change !== 0, 'must not be 0'),
  reason: z.string().trim().min(1, 'must not be empty').max(200, 'has more than 200 characters').regex(TEXT, NO_TEXT),
});
