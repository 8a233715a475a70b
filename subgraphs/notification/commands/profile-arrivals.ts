import { pause } from '#shared/retry.ts';
import type { Profiles } from '../store/profiles.ts';

/** A reader rather sees a copy that is a little old than waits longer for it (ARCHITECTURE, "Read your writes"). */
const WAIT_MS = 300;
/** A user's event takes some ten milliseconds to come here. */
const LOOK_AGAIN_MS = 15;

/** A user, and the version of it that somebody has seen elsewhere. */
export interface Awaited {
  readonly userId: string;
  readonly version: number;
}

/** Waits until this service has heard of these versions, at most 300 ms: whoever has just changed a user finds here what came of it. */
export async function untilHeardOf(profiles: Profiles, awaited: readonly Awaited[]): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  let behind = awaited;
  for (;;) {
    const versions = new Map((await profiles.find(behind.map(({ userId }) => userId))).map((one) => [one.userId, one]));
    behind = behind.filter(({ userId, version }) => (versions.get(userId)?.version ?? 0) < version);
    if (behind.length === 0 || Date.now() + LOOK_AGAIN_MS > deadline) return;
    await pause(LOOK_AGAIN_MS);
  }
}
