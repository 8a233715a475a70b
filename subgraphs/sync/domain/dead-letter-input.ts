import { z } from 'zod';
import { discardFields, oneOrAll, redeliverFields } from '#shared/dead-letter-input.ts';

/** One dead letter of a pipeline, or all. */
export const redeliverInput = z.object({ pipeline: z.string(), ...redeliverFields }).check(oneOrAll);

export const discardInput = z.object({ pipeline: z.string(), ...discardFields });
