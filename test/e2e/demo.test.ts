import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import {
  allGone,
  descendantsOf,
  freeGatewayPort,
  REAL_SYSTEM,
  startSystem,
  temporaryFolder,
  type Started,
} from './start-driver.ts';
import { describeOnPostgres } from '../support/database.ts';
import { READY, TIMEOUT_MS } from './start-fixture.ts';
import { signInAsAdmin } from './started-system.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));

interface Demo {
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly output: string; readonly errors: string }>;
}

/** Runs the demo as its reader would, without a terminal. */
function runDemo(url: string): Demo {
  const child = spawn(process.execPath, [DEMO, '--url', url], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: undefined },
  });
  const texts = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.errors += text));
  const ended = once(child, 'close').then(([status]: (number | null)[]) => ({ status: status ?? null, ...texts }));
  return { process: child, ended };
}

test('where nothing answers, it says how to start the system', async () => {
  const url = `http://localhost:${await freePort()}`;
  expect(await runDemo(url).ended).toEqual({
    status: 1,
    output: '',
    errors: `✗ Nothing answers at ${url}. Start the system in another terminal with: npm start\n`,
  });
});

describeOnPostgres('npm run demo', { timeout: TIMEOUT_MS }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let system: Started;
  let run: { readonly data: string; readonly port: number };
  let url: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    run = { data: join(folder.path, 'data'), port: await freeGatewayPort() };
    url = `http://localhost:${run.port}`;
    system = startSystem({ directory: run.data, port: run.port, program: REAL_SYSTEM });
    await system.says(READY);
  }, TIMEOUT_MS);

  afterAll(async () => {
    const left = descendantsOf(system.pid);
    system.process.kill('SIGTERM');
    await system.ended;
    await allGone(left);
    await folder[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test('shows that every claim holds on a system that npm start has started, time after time', async () => {
    for (const _ of ['once', 'again']) {
      const { status, output, errors } = await runDemo(url).ended;
      expect({ status, errors }, output).toEqual({ status: 0, errors: '' });
      for (const line of [
        /^1\. Register a user$/mu,
        /^ {3}✓ the user has reached (oracle, notification|notification, oracle)$/mu,
        /^ {5}PROD-001 {2}PS5 .*\$499\.99/mu,
        /^ {3}✓ the order is confirmed$/mu,
        /, replayed: true \(\d+ ms\)$/mu,
        /^ {3}✓ there is one order$/mu,
        /^ {3}✓ the order is cancelled, in version \d+$/mu,
        /^ {3}~ live order .*: oracle holds version \d+ \(APPLIED\)$/mu,
        /^ {3}✓ version \d+ of the order has reached oracle, told live$/mu,
        /^ {3}~ live notification by in_app: Your order is confirmed$/mu,
        /^ {3}✓ each came once, after the welcome$/mu,
        /^ {3}✓ what is read is read$/mu,
        /^Everything held, in \d+\.\d s\.$/mu,
      ])
        expect(output).toMatch(line);
      // No terminal, no colours; and a password is nobody's business.
      expect(output).not.toContain('\u001B');
      expect(output).toContain('"password": "…"');
    }
  });

  test('stops at Ctrl-C', async () => {
    const interrupted = runDemo(url);
    await once(interrupted.process.stdout ?? interrupted.process, 'data');
    interrupted.process.kill('SIGINT');
    expect(await interrupted.ended).toMatchObject({ status: 130, output: expect.stringMatching(/\nStopped\.\n$/u) });
  });

  test('fails at a claim that does not hold', async () => {
    const admin = await signInAsAdmin(run);
    const { products } = await admin.ask('{ products { edges { node { id available } } } }');
    for (const { node } of products.edges as { node: { id: string; available: number } }[]) {
      const input = { productId: node.id, change: -node.available, reason: 'sold out' };
      await admin.ask(
        'mutation ($input: AdjustStockInput!, $key: ID!) { adjustStock(input: $input, idempotencyKey: $key) { replayed } }',
        { input, key: `sold-out-${node.id}` },
      );
    }
    const soldOut = await runDemo(url).ended;
    expect(soldOut).toMatchObject({ status: 1, errors: '✗ This does not hold: something can be ordered.\n' });
    expect(soldOut.output).not.toContain('Everything held');
  });
});
