/** Mistakes that somebody's first draft has made (docs/reliability.md); each can be switched on, and a seed must then fail. */
export const BUGS = [
  'seq-cursor',
  'xid-seq-cursor',
  'key-outside-transaction',
  'acknowledged-before-ledger',
  'two-writers-per-source',
  'no-revision-guard',
  'release-without-state-check',
  'confirm-ignoring-expiry',
  'epoch-not-raised',
  'duplicate-starts-second-saga',
  'dead-letter-blocks-others',
  'lock-held-across-network',
  'lost-tail-not-resent',
] as const;
export type Bug = (typeof BUGS)[number];
