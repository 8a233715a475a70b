import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe } from 'vitest';
import { completeDotenv } from '#scripts/start/dotenv.ts';
import { openPostgres } from '#scripts/start/postgres.ts';
import { SERVICES } from '#scripts/start/services.ts';
import { hasCompose, readComposeFile, type ComposeFile, type ComposeService } from './compose-file.ts';
import { hasPostgres } from './database.ts';
import { freePort } from './free-port.ts';
import { createMongodb, hasMongodb } from './mongodb.ts';
import { currentNats, hasNats } from './nats.ts';
import { projectRoot } from './planted-tree.ts';
import { until } from './poll.ts';
import { run } from './run.ts';

/** A suite that starts what the Compose file starts, on real servers. */
export const describeComposed = hasPostgres && hasMongodb && hasNats && hasCompose ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

export interface ComposedSystem extends AsyncDisposable {
  readonly gatewayUrl: string;
  /** Stops every service as Compose would, and tells by service with which status it ended. */
  stop(): Promise<Record<string, number | null>>;
}

/** Longer than any service takes on a busy machine. */
const HEALTHY_WITHIN_MS = 120_000;
const PORTS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(SERVICES.map(({ name, portOffset }) => [name, 4_000 + portOffset])),
  postgres: 5_432,
  nats: 4_222,
  mongodb: 27_017,
};

/**
 * Starts the project's own services as the Compose file says, without Docker: each with its command, its environment and the files that the
 * Dockerfile copies, in the order of `depends_on`, waiting for its health check. Only where things are is another: hosts and ports are of
 * this machine, and a volume is a folder. The MongoDB-compatible server of the tests knows no users, so its URL is given without one.
 */
export async function openComposed(file: string): Promise<ComposedSystem> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-compose-'));
  // PostgreSQL runs as another user when tests run as root.
  await chmod(folder, 0o711);
  opened.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const image = await layOutImage(join(folder, 'image'));

  const postgres = opened.use(
    await openPostgres({ directory: join(folder, 'postgres'), port: await freePort(), settings: { fsync: 'off' } }),
  );
  const superuser = new URL(postgres.url('postgres'));
  const secrets = { ...parseEnv(completeDotenv('', SERVICES)), POSTGRES_PASSWORD: superuser.password };
  const compose = await readComposeFile(file, secrets);
  const mongodb = opened.use(createMongodb());
  const ports: Record<string, number> = { postgres: Number(superuser.port) };
  for (const name of [...SERVICES.map((service) => service.name), 'nats']) ports[name] = await freePort();
  const places: Places = { folder, image, ports, mongodbUrl: mongodb.url };

  opened.use(await startNats(compose, places));
  const made = await run(process.execPath, argvOf(compose, 'databases', places), {
    folder: image,
    environment: environmentOf(compose, 'databases', places),
  });
  if (made.status !== 0) throw new Error(`the databases were not made: ${made.errors}`);
  const processes = new Map<string, ChildProcess>();
  const stop = async (): Promise<Record<string, number | null>> => {
    // The gateway first, as Compose stops what depends on others first.
    const ends: Record<string, number | null> = {};
    for (const [name, process] of [...processes].toReversed()) {
      processes.delete(name);
      ends[name] = await ended(process);
    }
    return ends;
  };
  opened.defer(async () => void (await stop()));
  const subgraphs = SERVICES.filter(({ kind }) => kind === 'subgraph').map(({ name }) => name);
  for (const name of subgraphs) processes.set(name, await startService(compose, name, places));
  await Promise.all(subgraphs.map((name) => healthy(compose, name, { places, process: processes.get(name) })));
  processes.set('gateway', await startService(compose, 'gateway', places));
  await healthy(compose, 'gateway', { places, process: processes.get('gateway') });
  const running = opened.move();
  return {
    gatewayUrl: `http://127.0.0.1:${ports['gateway']}`,
    stop,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Where things are on this machine. */
interface Places {
  readonly folder: string;
  readonly image: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly mongodbUrl: string;
}

/** The files of the image, as the Dockerfile's last stage copies them; what npm would install is the project's own. */
async function layOutImage(image: string): Promise<string> {
  const dockerfile = await readFile(join(projectRoot, 'Dockerfile'), 'utf8');
  const [last = ''] = dockerfile.split(/^FROM /mu).slice(-1);
  await mkdir(image, { recursive: true });
  for (const [, argument = ''] of last.matchAll(/^COPY (?!--from)(.*)$/gmu)) {
    const [target = '', ...sources] = argument.split(/\s+/).toReversed();
    for (const source of sources) {
      const to = target.endsWith('/') ? join(image, target, source) : join(image, target);
      await mkdir(dirname(to), { recursive: true });
      await cp(join(projectRoot, source), to, { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
    }
  }
  await symlink(join(projectRoot, 'node_modules'), join(image, 'node_modules'), 'junction');
  return image;
}

function serviceOf({ services }: ComposeFile, name: string): ComposeService {
  const service = services[name];
  if (service === undefined) throw new Error(`the Compose file has no service ${name}`);
  return service;
}

/** The command without `node`, whose place this process's own program takes. */
function argvOf(compose: ComposeFile, name: string, places: Places): string[] {
  const [program, ...argv] = serviceOf(compose, name).command ?? [];
  if (program !== 'node') throw new Error(`${name} is started by ${program}`);
  return argv.map((argument) => placed(argument, name, places));
}

function environmentOf(compose: ComposeFile, name: string, places: Places): Record<string, string> {
  const entries = Object.entries(serviceOf(compose, name).environment ?? {});
  return Object.fromEntries(entries.map(([variable, value]) => [variable, placed(value, name, places)]));
}

/** A value with hosts, ports and mounted folders of this machine; everything else as it stands. */
function placed(value: string, service: string, { folder, ports, mongodbUrl }: Places): string {
  if (value.startsWith('mongodb://')) return mongodbUrl;
  if (value === '0.0.0.0') return '127.0.0.1';
  if (value === String(PORTS[service])) return String(ports[service]);
  if (/^\/(data|tmp)\b/.test(value)) return join(folder, service, value);
  return value.replace(/(?<=\/\/|@)(?<host>\w+):(?<port>\d+)(?=\/|$)/, (address, host: string, port: string) =>
    Number(port) === PORTS[host] ? `127.0.0.1:${ports[host]}` : address,
  );
}

async function startService(compose: ComposeFile, name: string, places: Places): Promise<ChildProcess> {
  for (const mounted of ['data', 'tmp']) await mkdir(join(places.folder, name, mounted), { recursive: true });
  return spawn(process.execPath, argvOf(compose, name, places), {
    cwd: places.image,
    env: environmentOf(compose, name, places),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Runs the health check that the Compose file has for the service until it says yes. */
async function healthy(
  compose: ComposeFile,
  name: string,
  { places, process: service }: { places: Places; process: ChildProcess | undefined },
): Promise<void> {
  const [how, program, ...check] = serviceOf(compose, name).healthcheck?.test ?? [];
  if (how !== 'CMD' || program !== 'node') throw new Error(`${name} is checked by ${how} ${program}`);
  const argv = check.map((argument) => placed(argument, name, places));
  await until(
    async () =>
      service?.exitCode != null ||
      (await run(process.execPath, argv, { folder: places.image, environment: {} })).status === 0,
    { what: `${name} becoming healthy`, deadlineMs: HEALTHY_WITHIN_MS },
  );
  if (service?.exitCode != null) throw new Error(`${name} has ended with ${service.exitCode}`);
}

async function ended(service: ChildProcess): Promise<number | null> {
  if (service.exitCode !== null || service.signalCode !== null) return service.exitCode;
  const end = once(service, 'exit') as Promise<[number | null]>;
  service.kill('SIGTERM');
  return (await end)[0];
}

/** The broker with the options that the Compose file gives it, but for its ports and folder. */
async function startNats(compose: ComposeFile, places: Places): Promise<AsyncDisposable> {
  const options = (serviceOf(compose, 'nats').command ?? []).filter((option) => !option.startsWith('--http_port'));
  const argv = options.map((option) => option.replace('=/data', `=${join(places.folder, 'nats')}`));
  const port = places.ports['nats'];
  const server = spawn(currentNats.path, [...argv, `--addr=127.0.0.1`, `--port=${port}`], { stdio: 'ignore' });
  return { [Symbol.asyncDispose]: async () => void (await ended(server)) };
}
