import { test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { openEventLine, openPartLine } from '../support/http-lines.ts';
import { openSocketLine } from '../support/stream-lines.ts';
import { killUnderSubscribers } from './killed-under-subscribers.ts';

/** What thousand-subscribers.long.test.ts claims of many. */
describeOnPostgres('subscribers by every protocol', { timeout: 180_000 }, () => {
  test('get each event once and in order by one upstream, though subgraph and gateway are killed', () =>
    killUnderSubscribers({
      lines: [
        [openSocketLine, 50],
        [openEventLine, 10],
        [openPartLine, 10],
      ],
      events: 600,
      deadlineMs: 60_000,
    }));
});
