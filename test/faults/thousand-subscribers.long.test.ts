import { test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { openSocketLine } from '../support/stream-lines.ts';
import { killUnderSubscribers } from './killed-under-subscribers.ts';

describeOnPostgres('a thousand subscribers', { timeout: 30 * 60_000 }, () => {
  test('get each of ten thousand events once and in order by one upstream, though subgraph and gateway are killed', () =>
    killUnderSubscribers({ lines: [[openSocketLine, 1_000]], events: 10_000, deadlineMs: 10 * 60_000 }));
});
