import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newCertificates } from '#test/support/certificates.ts';
import { describeOnNats } from '#test/support/nats.ts';
import { startNatsServer, type NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/poll.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { quietLog } from '#test/support/store.ts';
import { eventsAt } from '../testing/bus-listener.ts';
import type { Bus } from './bus.ts';
import { openNatsBus } from './nats-bus.ts';
import { refuseOlder } from './nats-connection.ts';

/** A password with all that has a meaning in a URL. */
const PASSWORD = 'p@ss:w/rd?#[%41]&+é ';
const WRONG = 'not-the-password';

describe('a NATS server', () => {
  test.each(['2.8.4', '1.9.0', ''])('of version %j is refused', (version) => {
    expect(() => refuseOlder(version)).toThrow('the bus needs 2.9 or later');
  });

  test.each(['2.9.10', '2.14.9', '3.0.0-RC.1'])('of version %s will do', (version) => {
    expect(() => refuseOlder(version)).not.toThrow();
  });
});

describeOnNats('signing in to NATS $version', (program) => {
  let opened: AsyncDisposableStack;
  beforeEach(() => {
    opened = new AsyncDisposableStack();
  });
  afterEach(() => opened.disposeAsync());

  const start = async (...options: string[]): Promise<NatsServer> =>
    opened.use(await startNatsServer(program, { options }));
  const open = async (url: string, log = quietLog): Promise<Bus> =>
    opened.use(await openNatsBus({ url, name: 'test', log }));
  /** The server's URL with these before the host. */
  const as = ({ url }: NatsServer, credentials: string): string => url.replace('//', `//${credentials}@`);
  /** All that an operator may be shown of an error. */
  const shown = (error: unknown): string => inspect(error, { depth: null, showHidden: true });
  const refused = async (url: string): Promise<string> => shown(await open(url).catch((error: unknown) => error));

  describe('with a user and a password', () => {
    let server: NatsServer;
    beforeEach(async () => {
      server = await start('--user', 'lock/step', '--pass', PASSWORD);
    });
    const right = (): string => as(server, `lock%2Fstep:${encodeURIComponent(PASSWORD)}`);

    test('works whatever characters they have', async () => {
      const bus = await open(right());
      await bus.publish(eventsAt('user', 1, 2));
      expect(await bus.published('user')).toBe(2);
    });

    test('fails at once with another password, another user or none, and tells no password', async () => {
      for (const credentials of [`lock%2Fstep:${WRONG}`, `somebody:${WRONG}`, WRONG]) {
        const told = await refused(as(server, credentials));
        expect(told).toContain('Authorization Violation');
        expect(told).not.toContain(WRONG);
      }
      expect(await refused(server.url)).toContain('Authorization Violation');
    });

    test('comes back when the server has refused it for a while', async () => {
      const { log, lines } = recordedLog();
      const bus = await open(right(), log);
      await bus.publish(eventsAt('user', 1, 1));
      await server.stop('SIGTERM');
      await server.start(['--user', 'lock/step', '--pass', WRONG]);
      const refusals = (): number => lines.filter(({ msg }) => msg === 'the bus answers with an error').length;
      await until(() => refusals() >= 3, { what: 'three refusals' });
      await server.stop('SIGTERM');
      await server.start(['--user', 'lock/step', '--pass', PASSWORD]);
      await until(async () => bus.publish(eventsAt('user', 2, 2)).then(() => true), { what: 'published again' });
      expect(await bus.published('user')).toBe(2);
      expect(JSON.stringify(lines)).not.toContain(encodeURIComponent(PASSWORD));
      expect(JSON.stringify(lines)).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
    });
  });

  test('with a token alone works, and with another token does not', async () => {
    const server = await start('--auth', PASSWORD);
    const bus = await open(as(server, encodeURIComponent(PASSWORD)));
    await bus.publish(eventsAt('user', 1, 1));
    expect(await bus.published('user')).toBe(1);
    const told = await refused(as(server, WRONG));
    expect(told).toContain('Authorization Violation');
    expect(told).not.toContain(WRONG);
  });

  describe('over TLS', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lockstep-test-tls-'));
      opened.defer(() => rm(folder, { recursive: true, force: true }));
    });

    /** A server with a certificate for `host`, and the file that an authority which signed it is in. */
    async function startTls(host: string, ...options: string[]): Promise<{ server: NatsServer; authority: string }> {
      const certificates = newCertificates([host]);
      const [authority, certificate, key] = ['authority', 'server', 'key'].map((name) => join(folder, `${name}.pem`));
      await writeFile(authority!, certificates.authority);
      await writeFile(certificate!, certificates.server.certificate);
      await writeFile(key!, certificates.server.key);
      const server = await start('--tls', '--tlscert', certificate!, '--tlskey', key!, ...options);
      return { server, authority: authority! };
    }
    const byName = (url: string): string => url.replace('127.0.0.1', 'localhost');
    const secured = (url: string): string => byName(url).replace('nats:', 'tls:');

    test('works with an authority of the user that NODE_EXTRA_CA_CERTS names, and a password', async () => {
      const { server, authority } = await startTls('localhost', '--user', 'me', '--pass', PASSWORD);
      const url = as(server, `me:${encodeURIComponent(PASSWORD)}`);
      for (const tried of [secured(url), byName(url)])
        expect(await probe(tried, authority)).toEqual({ code: 0, output: 'answers\n' });
      const wrong = await probe(secured(as(server, `me:${WRONG}`)), authority);
      expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('Authorization Violation') });
      expect(wrong.output).not.toContain(WRONG);
    });

    test('refuses a server whose authority is not known', async () => {
      const { server } = await startTls('localhost');
      for (const url of [secured(server.url), byName(server.url)])
        expect(await refused(as({ ...server, url }, `me:${WRONG}`))).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      const stranger = join(folder, 'stranger.pem');
      await writeFile(stranger, newCertificates(['localhost']).authority);
      expect(await probe(secured(server.url), stranger)).toMatchObject({
        code: 1,
        output: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      });
    });

    test('refuses a server whose certificate is for another host', async () => {
      const { server, authority } = await startTls('elsewhere.example');
      expect(await probe(secured(server.url), authority)).toMatchObject({
        code: 1,
        output: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
      });
    });

    test('refuses a server that does not offer it', async () => {
      const server = await start('--user', 'me', '--pass', PASSWORD);
      const told = await refused(secured(as(server, `me:${encodeURIComponent(PASSWORD)}`)));
      expect(told).toContain("server does not support 'tls'");
    });
  });
});

const PROBE = fileURLToPath(new URL('../testing/bus-probe.ts', import.meta.url));

/** Opens the bus in a process that also trusts an authority: which ones there are is read when a process starts. */
function probe(url: string, authority: string): Promise<{ readonly code: number; readonly output: string }> {
  const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: authority };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROBE, url], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` }),
    );
  });
}
