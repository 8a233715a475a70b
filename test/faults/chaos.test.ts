import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { isSound, renderChaos } from '../chaos/report.ts';
import { runChaos } from '../chaos/run.ts';
import { hasPostgres } from '../support/database.ts';
import { currentNats, hasNats } from '../support/nats.ts';

const describeChaos = hasPostgres && hasNats ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

/** Some four blows; `npm run chaos` deals as many as it is told. */
const DURATION_MS = 15_000;
const CLIENTS = 6;

describeChaos('two processes of every service, PostgreSQL and NATS', { timeout: 6 * 60_000 }, () => {
  test('that are killed, paused and cut off under load lose nothing and double nothing', async () => {
    const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
    const folder = await mkdtemp(join(inject('lastingFolder'), 'lockstep-chaos-'));
    // PostgreSQL runs as another user when tests run as root.
    await chmod(folder, 0o711);
    const lines: string[] = [];
    const tell = (line: string): void => void lines.push(line);
    const stopping = AbortSignal.timeout(DURATION_MS * 2);
    const options = { durationMs: DURATION_MS, seed, clients: CLIENTS, folder, nats: currentNats, stopping, tell };
    const report = await runChaos(options);
    console.log([...lines, renderChaos(report)].join('\n'));
    expect(isSound(report), `npm run chaos -- --minutes 0.25 --seed ${seed}; logs in ${folder}`).toBe(true);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
});
