import { z } from 'zod';

/** Limits of CONTRACT.md; inventory checks them again. */
const MOST_PIECES = 1_000;
const MOST_LINES = 100;

const quantity = z.int().min(1, 'is below 1').max(MOST_PIECES, `is above ${MOST_PIECES}`);
/** PostgreSQL keeps neither NUL nor halves of surrogate pairs. */
const productId = z
  .string()
  .min(1, 'must not be empty')
  .max(100, 'has more than 100 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has a character that is not text');

export const placeOrderInput = z.object({
  items: z
    .array(z.object({ productId, quantity }))
    .min(1, 'must not be empty')
    .max(MOST_LINES, `has more than ${MOST_LINES} lines`)
    .superRefine((items, context) => {
      const ids = items.map((item) => item.productId);
      const twice = ids.findIndex((id, at) => ids.indexOf(id) < at);
      if (twice === -1) return;
      context.addIssue({ code: 'custom', path: [twice, 'productId'], message: 'stands in an earlier line too' });
    }),
});

export const cancelOrderInput = z.object({ id: z.string() });
