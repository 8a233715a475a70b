/** Thrown when the program contradicts itself; never the caller's fault. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** States what cannot be otherwise. Throws {@link InvariantViolation} with the sentence when it is. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new InvariantViolation(sentence);
}

/** Closes an exhaustive `switch`: a value of type `never` cannot reach it. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`no case for ${JSON.stringify(value)}`);
}
