import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_EXAMPLES } from './verify.ts';

export interface VerifyArguments {
  /** Absolute; undefined when the environment says where everything is kept. */
  readonly dataDirectory: string | undefined;
  readonly callsFile: string | undefined;
  readonly waitMs: number;
  readonly mostExamples: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** Told to the shell: nothing is violated; something is; or that cannot be said. */
export const VERIFY_EXIT_CODES = { sound: 0, violated: 1, unchecked: 2 } as const;

export const HELP = `Checks the ten invariants of a system, live or stopped, on its rows: npm run verify -- [options]

  --data-dir D   the data directory of a system started by npm start (default .lockstep in the project,
                 unless the environment names databases); one that is stopped is locked, and its
                 PostgreSQL runs for the time of the check
  --calls F      a record of calls, one attempt a line (docs/reliability.md): what clients were told is checked too
  --wait S       waits up to S seconds for a live system to come to rest (default 0)
  --examples N   how many violations of each invariant are told (default ${DEFAULT_EXAMPLES}); all are counted
  --json         prints the report as JSON
  --help         shows this text

Any other system is named by the environment: USER_DATABASE_URL, ORDER_DATABASE_URL, INVENTORY_DATABASE_URL,
NOTIFICATION_DATABASE_URL, SYNC_DATABASE_URL; BUS_DATABASE_URL or NATS_URL for the bus; MONGODB_URL when
notifications are kept there; ORACLE_SQLITE_FILE for the system of record. What is not named is not looked at.
NATS_URL and MONGODB_URL count for a system of npm start too.

Nothing is written. Exit code 0: no violations; 1: violations; 2: it could not be checked.`;

/** The person at the terminal is told this sentence, without a stack trace. */
export class VerifyProblem extends Error {
  override readonly name = 'VerifyProblem';
}

/** Reads the command line. Throws a {@link VerifyProblem} for what it does not understand. */
export function readVerifyArguments(argv: readonly string[]): VerifyArguments {
  const values = parse(argv);
  const directory = values['data-dir'];
  if (directory === '' || values.calls === '') throw new VerifyProblem('--data-dir and --calls need a path.');
  return {
    dataDirectory: directory && resolve(directory),
    callsFile: values.calls && resolve(values.calls),
    waitMs: numberIn('--wait', values.wait) * 1_000,
    mostExamples: numberIn('--examples', values.examples),
    json: values.json,
    help: values.help,
  };
}

function parse(argv: readonly string[]): ReturnType<typeof parseStrictly> {
  try {
    return parseStrictly(argv);
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split(/(?<=\.) |\n/u);
    throw new VerifyProblem(`${reason.replace(/\.?$/u, '.')} See npm run verify -- --help`, { cause: error });
  }
}

function parseStrictly(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      'data-dir': { type: 'string' },
      calls: { type: 'string' },
      wait: { type: 'string', default: '0' },
      examples: { type: 'string', default: String(DEFAULT_EXAMPLES) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

/** An hour of waiting, ten thousand sentences: beyond, somebody has mistyped. */
const MOST = { '--wait': 3_600, '--examples': 10_000 } as const;

function numberIn(option: keyof typeof MOST, text: string): number {
  const number = /^\d{1,6}$/u.test(text) ? Number(text) : Number.NaN;
  if (number <= MOST[option]) return number;
  throw new VerifyProblem(`${option} must be a whole number from 0 to ${MOST[option]}, not "${text}".`);
}
