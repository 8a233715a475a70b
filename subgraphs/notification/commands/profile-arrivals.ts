import { pause } from '#shared/retry.ts';
import type { Profiles } from '../store/profiles.ts';

/** A user's event takes some ten milliseconds to come here. */
const LOOK_AGAIN_MS = 15;

/** A user, and the version of it that somebody has seen elsewhere. */
export interface Awaited {
  readonly userId: string;
  readonly version: number;
}

/** Waits until this service has heard of these versions, at most `waitMs`: whoever has just changed a user finds here what came of it. */
export async function untilHeardOf(profiles: Profiles, awaited: readonly Awaited[], waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (let behind = awaited; ;) {
    const found = await profiles.find(behind.map(({ userId }) => userId));
    const versions = new Map(found.map(({ userId, version }) => [userId, version]));
    behind = behind.filter(({ userId, version }) => (versions.get(userId) ?? 0) < version);
    if (behind.length === 0 || Date.now() + LOOK_AGAIN_MS > deadline) return;
    await pause(LOOK_AGAIN_MS);
  }
}
