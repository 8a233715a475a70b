import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT_CODES, StartProblem } from './start-problem.ts';
import { HIGHEST_GATEWAY_PORT } from './ports.ts';

export interface StartArguments {
  readonly port: number;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly reset: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
}

export const DEFAULT_PORT = 4_000;

export const HELP = `Starts the whole system on this machine: npm start -- [options]

  --port N       port of the gateway (default ${DEFAULT_PORT}); its services take the ports after it, PostgreSQL port N+11432
  --data-dir D   where everything is kept (default .lockstep in the project)
  --reset        throws away what is kept there and begins anew
  --quiet        shows warnings and errors only
  --help         shows this text`;

/** Reads the command line. Throws a {@link StartProblem} of one sentence for what it does not understand. */
export function readArguments(argv: readonly string[], projectDirectory: string): StartArguments {
  const values = parse(argv);
  return {
    port: readPort(values.port),
    dataDirectory: resolve(values['data-dir'] ?? resolve(projectDirectory, '.lockstep')),
    reset: values.reset,
    quiet: values.quiet,
    help: values.help,
  };
}

function parse(argv: readonly string[]): ReturnType<typeof parseStrictly> {
  try {
    const values = parseStrictly(argv);
    if (values['data-dir'] === '') throw new Error('--data-dir needs a folder.');
    return values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/(?<=\.) |\n/u)[0] ?? '') : String(error);
    throw new StartProblem(`${reason.replace(/\.?$/u, '.')} See npm start -- --help`, {
      cause: error,
      exitCode: EXIT_CODES.usage,
    });
  }
}

function parseStrictly(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      'data-dir': { type: 'string' },
      reset: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= HIGHEST_GATEWAY_PORT) return port;
  throw new StartProblem(
    `--port must be a whole number from 1 to ${HIGHEST_GATEWAY_PORT} (PostgreSQL takes the port 11432 above it), not "${text}".`,
    { exitCode: EXIT_CODES.usage },
  );
}
