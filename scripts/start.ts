import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, readArguments, type StartArguments } from './start/arguments.ts';
import { BUS_DATABASE, databaseOf, ensureDatabases } from './start/databases.ts';
import { type DataDirectory, emptyDataDirectory, openDataDirectory } from './start/data-directory.ts';
import { renderPanel } from './start/panel.ts';
import { clusterExists } from './start/postgres-cluster.ts';
import { placeCluster, removeCluster } from './start/postgres-place.ts';
import { HOST, postgresPort, requireFreePorts } from './start/ports.ts';
import { completeSecrets, readSecrets, saveAdmin, saveSecrets, type Secrets } from './start/secrets.ts';
import type { Environment } from './start/service-environment.ts';
import { type ServiceEntry, SERVICES } from './start/services.ts';
import { type Shutdown, watchForShutdown } from './start/shutdown.ts';
import { EXIT_CODES, StartProblem } from './start/start-problem.ts';
import { supervisePostgres, type SupervisedPostgres } from './start/supervised-postgres.ts';
import { superviseServices } from './start/supervisor.ts';
import { openTerminal, type Terminal } from './start/terminal.ts';

const PROJECT_DIRECTORY = dirname(dirname(fileURLToPath(import.meta.url)));

interface StartOptions {
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly services: readonly ServiceEntry[];
}

/** Runs the whole system until it is told to stop; gives the exit code. Nothing it started is left running. */
export async function start(options: StartOptions): Promise<number> {
  const json = options.environment['LOG_FORMAT'] === 'json';
  let terminal = openTerminal({ quiet: false, json });
  try {
    const given = readArguments(options.argv, PROJECT_DIRECTORY);
    if (given.help) {
      terminal.say(HELP);
      return EXIT_CODES.done;
    }
    terminal = openTerminal({ quiet: given.quiet, json });
    return await runUntilStopped({ ...options, given, terminal });
  } catch (error) {
    const problem = asProblem(error);
    if (problem === undefined) throw error;
    terminal.problem(problem.message);
    return problem.exitCode;
  }
}

/** What the operating system refuses is the machine's condition, not our fault: no stack trace tells more. */
function asProblem(error: unknown): StartProblem | undefined {
  if (error instanceof StartProblem) return error;
  if (error instanceof Error && 'syscall' in error)
    return new StartProblem(`The system cannot start: ${error.message}.`, { cause: error });
  return undefined;
}

interface Run extends StartOptions {
  readonly given: StartArguments;
  readonly terminal: Terminal;
}

async function runUntilStopped(run: Run): Promise<number> {
  using shutdown = watchForShutdown(run.environment['npm_lifecycle_event'] !== undefined);
  try {
    await runSystem(run, shutdown);
  } catch (error) {
    // What fails because we are stopping is not a failure.
    if (!shutdown.drain.aborted) throw error;
  }
  if (shutdown.immediately.aborted) return EXIT_CODES.fault;
  run.terminal.done('Everything has stopped');
  return EXIT_CODES.done;
}

/** Opens everything in order, waits, and closes it in the opposite order. */
async function runSystem(run: Run, shutdown: Shutdown): Promise<void> {
  const { given, terminal, services, environment } = run;
  await using scope = new AsyncDisposableStack();
  const directory = scope.use(await openDataDirectory(given.dataDirectory, given.port));
  if (given.reset) await reset(directory, terminal);
  const cluster = await placeCluster(directory);
  const secrets = await prepareSecrets(directory, cluster, run);
  await requireFreePorts(
    services.map(({ name, portOffset }) => ({ name, port: given.port + portOffset })),
    // A killed system's services notice within moments, and drain.
    directory.lastHolderWasKilled ? 10_000 : 0,
  );
  const postgres = scope.use(await openDatabase({ run, directory, cluster, secrets, shutdown }));
  await makeDatabases(postgres, secrets, terminal);
  shutdown.drain.throwIfAborted();
  const system = {
    gatewayPort: given.port,
    directory,
    secrets,
    services,
    given: environment,
    postgres: postgres.first,
  };
  const supervisor = scope.use(superviseServices({ system, projectDirectory: PROJECT_DIRECTORY, terminal }));
  shutdown.immediately.addEventListener('abort', () => {
    supervisor.kill();
    void postgres.kill();
  });
  await Promise.race([supervisor.ready, supervisor.refusal, aborted(shutdown.drain)]);
  if (!shutdown.drain.aborted) terminal.say(renderPanel({ gatewayPort: given.port, directory, quiet: given.quiet }));
  await Promise.race([supervisor.refusal, aborted(shutdown.drain)]);
  terminal.note('Stopping');
}

async function reset(directory: DataDirectory, terminal: Terminal): Promise<void> {
  await removeCluster(directory);
  await emptyDataDirectory(directory);
  terminal.done(`Emptied ${directory.path}`);
}

/** Reads or makes the secrets, and has them on disk before the cluster that depends on them. */
async function prepareSecrets(
  directory: DataDirectory,
  cluster: string,
  { services, environment }: Run,
): Promise<Secrets> {
  const kept = await readSecrets(directory.secretsFile);
  if (kept === undefined && (await clusterExists(cluster))) {
    throw new StartProblem(
      `${directory.secretsFile} is missing, and the database does not open without it: put a copy of it back, or begin anew with --reset.`,
    );
  }
  const holders = { services: services.map(({ name }) => name), roles: databaseNames(services) };
  const choice = {
    email: environment['ADMIN_EMAIL'] || undefined,
    password: environment['ADMIN_PASSWORD'] || undefined,
  };
  const secrets = completeSecrets(kept, holders, choice);
  await saveSecrets(directory.secretsFile, secrets, kept);
  await saveAdmin(directory.adminFile, secrets.admin);
  return secrets;
}

function databaseNames(services: readonly ServiceEntry[]): string[] {
  return [
    ...services.filter(({ needs }) => needs.includes('DATABASE_URL')).map(({ name }) => databaseOf(name)),
    BUS_DATABASE,
  ];
}

interface Opening {
  readonly run: Run;
  readonly directory: DataDirectory;
  readonly cluster: string;
  readonly secrets: Secrets;
  readonly shutdown: Shutdown;
}

async function openDatabase({ run, directory, cluster, secrets, shutdown }: Opening): Promise<SupervisedPostgres> {
  const { terminal, given } = run;
  if (cluster !== directory.cluster)
    terminal.note(`PostgreSQL keeps its data in ${cluster}, which its own user can reach`);
  const startedAt = performance.now();
  const postgres = await supervisePostgres({
    directory: cluster,
    port: postgresPort(given.port),
    superuserPassword: secrets.postgres.superuser,
    terminal,
    signal: shutdown.drain,
  });
  const { version, port, tookOver } = postgres.first;
  if (tookOver) terminal.note('Stopped the PostgreSQL that a killed system had left running');
  terminal.done(`PostgreSQL ${version} on ${HOST}:${port}`, performance.now() - startedAt);
  return postgres;
}

async function makeDatabases(postgres: SupervisedPostgres, secrets: Secrets, terminal: Terminal): Promise<void> {
  const startedAt = performance.now();
  const entries = Object.entries(secrets.postgres.roles).map(([name, password]) => ({ name, password }));
  await ensureDatabases(postgres.first.url('postgres'), entries);
  terminal.done(`Databases ${entries.map(({ name }) => name).join(', ')}`, performance.now() - startedAt);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}

if (import.meta.main) {
  process.exit(await start({ argv: process.argv.slice(2), environment: process.env, services: SERVICES }));
}
