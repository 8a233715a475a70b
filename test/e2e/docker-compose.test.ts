import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { completeDotenv } from '#scripts/start/dotenv.ts';
import { SERVICES } from '#scripts/start/services.ts';
import { TestClient } from '../support/client.ts';
import { describeOnCompose, readComposeFile } from '../support/compose-file.ts';
import { describeComposed, openComposed } from '../support/composed-system.ts';
import { projectRoot } from '../support/planted-tree.ts';
import { run } from '../support/run.ts';

const FILE = join(projectRoot, 'docker-compose.yml');
const OURS = SERVICES.map(({ name }) => name);
const secrets = (): NodeJS.Dict<string> => parseEnv(completeDotenv('', SERVICES));

test('npm run secrets makes every secret that the Compose file asks for, and no other', async () => {
  const asked = [...(await readFile(FILE, 'utf8')).matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
  expect(Object.keys(secrets()).toSorted()).toEqual([...new Set(asked)].toSorted());
});

test('npm run secrets keeps what is there, and adds what a new service needs', () => {
  const kept = completeDotenv('# mine\nADMIN_EMAIL=me@example.org\n', SERVICES.slice(0, -1));
  const completed = completeDotenv(kept, SERVICES);
  const [before, after] = [parseEnv(kept), parseEnv(completed)];
  expect(completed).toMatch(/^# mine\nADMIN_EMAIL=me@example\.org\n/);
  expect(after).toMatchObject({ ...before, SERVICE_PUBLIC_KEYS: expect.any(String) });
  const keys = ({ SERVICE_PUBLIC_KEYS: text = '' }: NodeJS.Dict<string>): unknown =>
    (JSON.parse(text) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid).toSorted();
  expect(keys(before)).toHaveLength(OURS.length - 1);
  expect(keys(after)).toEqual(OURS.map((name) => `service:${name}`).toSorted());
  expect(completeDotenv(completed, SERVICES)).toBe(completed);
});

describeOnCompose('the Compose file, as Docker Compose reads it', () => {
  test('has every service on its own port, started once what it needs is healthy, with nothing open but the gateway', async () => {
    const { services } = await readComposeFile(FILE, secrets());
    for (const { name, portOffset, entry } of SERVICES) {
      const service = services[name];
      expect(service?.command?.at(-1), name).toBe(entry);
      expect(service?.environment?.['PORT'], name).toBe(String(4_000 + portOffset));
      expect(service?.healthcheck?.test, name).toContain(String(4_000 + portOffset));
    }
    for (const [name, { image = '', build, healthcheck, depends_on: needed = {} }] of Object.entries(services)) {
      expect(build !== undefined || /:\d+\.\d+(\.\d+)?(-\w+)?$/.test(image), `${name} is pinned: ${image}`).toBe(true);
      expect(healthcheck !== undefined || name === 'databases', `${name} tells of its health`).toBe(true);
      for (const [other, { condition }] of Object.entries(needed)) {
        const wanted = other === 'databases' ? 'service_completed_successfully' : 'service_healthy';
        expect(condition, `${name} waits for ${other}`).toBe(wanted);
      }
    }
    const subgraphs = OURS.filter((name) => name !== 'gateway').toSorted();
    expect(Object.keys(services['gateway']?.depends_on ?? {}).toSorted()).toEqual(subgraphs);
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => ({ name, ...port })),
    );
    expect(published).toMatchObject([{ name: 'gateway', host_ip: '127.0.0.1', target: 4_000, published: '4000' }]);
  });

  test('is refused without its secrets, with a sentence that says what to do', async () => {
    await expect(readComposeFile(FILE, { ...secrets(), JWT_PRIVATE_KEY: undefined })).rejects.toThrow(
      'required variable JWT_PRIVATE_KEY is missing a value: run "npm run secrets" first',
    );
  });

  test('would be refused with a misspelt key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-compose-'));
    const file = join(folder, 'docker-compose.yml');
    await writeFile(file, (await readFile(FILE, 'utf8')).replace('healthcheck:', 'healthchek:'));
    await expect(readComposeFile(file, secrets())).rejects.toThrow('healthchek');
    await rm(folder, { recursive: true });
  });
});

test('the image has no compilers, and its processes are not root', async () => {
  const dockerfile = await readFile(join(projectRoot, 'Dockerfile'), 'utf8');
  expect(dockerfile.match(/^FROM .*$/gmu)?.map((line) => line.split(' ')[1])).toEqual(
    Array.from({ length: 2 }, () => expect.stringMatching(/^node:24\.\d+\.\d+-\w+-slim$/)),
  );
  expect(dockerfile.match(/^USER .*$/gmu)).toEqual(['USER node']);
});

describeComposed('what the Compose file starts', { timeout: 300_000 }, () => {
  test('is the whole system: every service becomes healthy, and the demo holds', async () => {
    await using system = await openComposed(FILE);
    const demo = await run(process.execPath, [join(projectRoot, 'scripts/demo.ts'), '--url', system.gatewayUrl]);
    expect(demo, demo.errors).toMatchObject({ status: 0, errors: '' });
    const health = await fetch(`${system.gatewayUrl}/health`);
    expect(await health.json()).toMatchObject({ status: 'ok' });
    const refused = await new TestClient(system.gatewayUrl).send('{ syncPipelines { id } }');
    expect(refused.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    expect(await system.stop(), 'how each service ended when Compose stopped it').toEqual(
      Object.fromEntries(OURS.map((name) => [name, 0])),
    );
  });
});
