import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { canonicalJson } from '#shared/canonical-json.ts';

/**
 * One attempt of a call, one line of JSON in a record of calls. A key is unique within its field in the whole record; the record knows every
 * attempt of each field that it mentions. Written when the attempt has ended, or before it is sent as `unknown`: then no key can be found
 * that the record does not have, also when its writer is killed.
 */
const attemptSchema = z.object({
  field: z.string().min(1),
  key: z.string().min(1),
  /** SHA-256 (hex) over the canonical JSON of the field's arguments without the key, as {@link variablesDigest} makes it. */
  variables: z.string().min(1),
  /**
   * `ok`: acknowledged. `refused`: answered with user errors, which are frozen. `rejected`: an error that promises that nothing happened and
   * leaves the key free (input, authorization, limits). `unknown`: no answer, or an error that promises nothing.
   */
  outcome: z.enum(['ok', 'refused', 'rejected', 'unknown']),
  /** What was answered, of `ok` and `refused`: the parts that are frozen, and of an order its status as it stood. */
  answer: z
    .object({
      id: z.string().nullable(),
      replayed: z.boolean(),
      refusals: z.array(z.string()),
      status: z.string().optional(),
    })
    .optional(),
  /** What was asked for, as far as the checker compares it with what is kept. */
  about: z
    .object({
      email: z.string().optional(),
      userId: z.string().optional(),
      orderId: z.string().optional(),
      items: z.array(z.object({ productId: z.string(), quantity: z.number() })).optional(),
      /** Every effect of the call is a new version: it asks for something else than there was. */
      changes: z.boolean().optional(),
    })
    .optional(),
  /** When it ended, RFC 3339; for people. */
  at: z.string().optional(),
});
export type Attempt = z.output<typeof attemptSchema>;
type Answer = NonNullable<Attempt['answer']>;

/** What stands for the arguments of a call in a record. */
export function variablesDigest(argumentsWithoutKey: unknown): string {
  return createHash('sha256').update(canonicalJson(argumentsWithoutKey)).digest('hex');
}

/** All attempts under one key. */
export interface Call {
  readonly field: string;
  readonly key: string;
  readonly about: NonNullable<Attempt['about']>;
  /** In the order they came. */
  readonly answers: Answer[];
  readonly digests: Set<string>;
  /** Is there an attempt that may have had its effect? */
  mayHaveHappened: boolean;
}

/** The calls of a record, by field and key. */
export interface Calls {
  readonly fields: ReadonlySet<string>;
  readonly all: ReadonlyMap<string, Call>;
}

/** A run of an hour makes a tenth of it; what is longer is checked in parts. Each takes some hundred bytes of memory. */
const MOST_CALLS = 1_000_000;

export const nameOf = ({ field, key }: { readonly field: string; readonly key: string }): string => `${field} ${key}`;
export const idOf = ({ answers }: Call): string | undefined => answers.find(({ id }) => id !== null)?.id ?? undefined;

/** Puts the attempts of each key together. */
export async function callsOf(attempts: Iterable<Attempt> | AsyncIterable<Attempt>): Promise<Calls> {
  const all = new Map<string, Call>();
  const fields = new Set<string>();
  for await (const { field, key, variables, outcome, answer, about = {} } of attempts) {
    const name = nameOf({ field, key });
    const call = all.get(name) ?? { field, key, about, answers: [], digests: new Set(), mayHaveHappened: false };
    if (all.set(name, call).size > MOST_CALLS) throw new Error(`the record has more than ${MOST_CALLS} calls`);
    fields.add(field);
    call.mayHaveHappened ||= outcome !== 'rejected';
    // Other arguments under a used key are refused, and say nothing of the key's own call.
    if (outcome === 'ok' || outcome === 'refused') {
      call.digests.add(variables);
      if (answer !== undefined) call.answers.push(answer);
    }
  }
  return { all, fields };
}

/** Reads a record of calls line by line. Throws with the line's number when it is none. */
export async function* readAttempts(file: string): AsyncGenerator<Attempt> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    yield attemptIn(line, `${file}:${number}`);
  }
}

function attemptIn(line: string, place: string): Attempt {
  try {
    return attemptSchema.parse(JSON.parse(line));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ') : String(error);
    throw new Error(`${place} is no attempt of a call: ${reason}`, { cause: error });
  }
}
