/**
 * What a caller did wrong, or what the system cannot do for it now, in a way a program can act on.
 * Everything else that goes wrong is a fault: logged with its cause, shown without detail (see shared/graphql/errors.ts).
 */
export const REFUSAL_CODES = [
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_PROGRESS',
  'SUBGRAPH_UNAVAILABLE',
  'TIMEOUT',
  'RATE_LIMITED',
  'CURSOR_EXPIRED',
  'SLOW_CONSUMER',
  'SUPERGRAPH_REPLACED',
  'SHUTTING_DOWN',
  'NOT_ACCEPTABLE',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** An expected failure that answers the whole field: a GraphQL error with `extensions.code`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** The argument or input field at fault, as a dotted path (`email`, `items.0.quantity`). */
  readonly field: string | undefined;

  constructor(code: RefusalCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.field = options.field;
  }
}

/** The input is malformed; nothing was changed. */
export function badInput(field: string, message: string): Refusal {
  return new Refusal('BAD_USER_INPUT', message, { field });
}

/** An expected failure that a client acts on, answered in the payload's `userErrors` and replayed under the same key. */
export interface UserError<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  /** Dotted path of the input field, or null when no single field is at fault. */
  readonly field: string | null;
}

/** What a command came to: data to freeze, or refusals to freeze. */
export type Outcome<Data, Code extends string = string> =
  | { readonly data: Data; readonly userErrors?: never }
  | { readonly data?: never; readonly userErrors: readonly UserError<Code>[] };

/** A refused outcome with one error. */
export function refused<Code extends string>(
  code: Code,
  message: string,
  field: string | null = null,
): Outcome<never, Code> {
  return { userErrors: [{ code, message, field }] };
}
