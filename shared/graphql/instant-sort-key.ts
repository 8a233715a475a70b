import type { SortKeys } from './connection.ts';

/** Sort keys that begin with an instant, as `toISOString` writes it, and after a bar go on as `rest` says. */
export function instantSortKeys(rest: RegExp): SortKeys {
  return {
    test: (text) => {
      const bar = text.indexOf('|');
      return bar > 0 && isInstant(text.slice(0, bar)) && rest.test(text.slice(bar + 1));
    },
  };
}

function isInstant(text: string): boolean {
  const instant = new Date(text);
  // There is no 30th of February, though it is well written. PostgreSQL knows no year 0.
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === text && /^[1-9]\d{3}-/.test(text);
}
