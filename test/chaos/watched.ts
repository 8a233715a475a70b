import { openReader } from '#scripts/verify/readers.ts';
import type { Sources } from '#scripts/verify/sources.ts';
import type { Seen } from '../support/sync-watcher.ts';

/** What sync has told of users in the system of record, in the order it told it; the version is the target's. */
export async function toldOfUsers({ databaseUrls }: Sources): Promise<Seen[]> {
  await using sync = openReader(databaseUrls.sync);
  return await sync.rows<Seen>(`
    SELECT subject AS "recordId", (data ->> 'targetVersion')::int AS "targetVersion" FROM outbox
    WHERE data ->> 'entity' = 'USER' AND data ->> 'target' = 'oracle' AND data ->> 'targetVersion' IS NOT NULL ORDER BY position`);
}

const nameOf = ({ recordId, targetVersion }: Seen): string => `${recordId} at ${targetVersion}`;

/** What a subscriber that resumes from its cursor should have seen next, where it saw something else or nothing. */
export function missedBy(seen: readonly Seen[], told: readonly Seen[]): string[] {
  const before = new Set(seen.map(nameOf));
  return told.map(nameOf).filter((name) => !before.has(name));
}

/** What a subscriber saw more than once. */
export function repeatedBy(seen: readonly Seen[]): string[] {
  const counts = Map.groupBy(seen.map(nameOf), (name) => name);
  return [...counts].filter(([, times]) => times.length > 1).map(([name]) => name);
}
