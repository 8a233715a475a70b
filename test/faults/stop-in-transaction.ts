/**
 * A process that stops itself (SIGSTOP) in the middle of a transaction of the real code, just before it would send a statement: arguments
 * are what it does, the database's URL and a text that the statement contains. It says `stopping` on standard output; resumed, it tells its
 * parent whether it was left with its transaction.
 */
import { channel } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { stampOnce } from '#shared/events/stamper.ts';
import { openLog } from '#shared/log.ts';
import { Idempotency } from '#shared/store/idempotency.ts';
import { isUnreachable, openPostgres, type SqlQuery } from '#shared/store/postgres.ts';
import { replicateOnce } from '#sync/commands/replicate.ts';
import { pausedCall, PIPELINE, SECRET, takingTarget } from './paused-work.ts';

const [kind = '', url = '', statement = ''] = process.argv.slice(2);
const { db } = openPostgres({ url, name: 'paused', log: openLog({ service: 'paused', level: 'fatal' }) });

const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  stamper: () => stampOnce(db),
  command: () =>
    new Idempotency({ db, secret: SECRET, afterCommit: () => {} }).once(pausedCall.call, pausedCall.effect('A')),
  settlement: () =>
    replicateOnce({ db, pipeline: PIPELINE, target: takingTarget(), intervalMs: 1_000, afterCommit: () => {} }),
};

channel('lockstep:sql').subscribe((message) => {
  if (!(message as SqlQuery).query.includes(statement)) return;
  // Written before it stops, unlike what goes by `process.send`.
  writeSync(process.stdout.fd, 'stopping\n');
  process.kill(process.pid, 'SIGSTOP');
});

try {
  await WORK[kind]?.();
  process.send?.('done');
} catch (error) {
  process.send?.(isUnreachable(error) ? 'lost' : String(error));
}
process.exit(0);
