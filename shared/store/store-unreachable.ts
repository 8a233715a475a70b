/** A store other than PostgreSQL is away, rather than what was asked of it at fault. What is behind it is its cause. */
export class StoreUnreachable extends Error {
  override readonly name = 'StoreUnreachable';
}
