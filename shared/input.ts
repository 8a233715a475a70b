import type { z } from 'zod';
import { badInput } from './refusal.ts';

/** Checks input against its rules. Throws `BAD_USER_INPUT` naming the first field at fault by its dotted path. */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'input';
  throw badInput(field, `${field} ${issue?.message ?? 'is not valid'}.`);
}
