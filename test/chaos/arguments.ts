import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface ChaosArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly clients: number;
  readonly help: boolean;
}

/** On two cores more clients only wait for each other. */
const CLIENTS = 8;

export const HELP = `Disturbs a running system under load, and looks for what was lost or doubled: npm run chaos -- [options]

  --minutes M   how long it is disturbed (default 1); what comes before and after takes about another
  --seed S      which blows it is dealt, in which order (default: drawn, and printed)
  --clients N   how many customers are at work at the same time (default ${CLIENTS})
  --help        shows this text

Two processes of every service, PostgreSQL and NATS run on this machine, on ports of 127.0.0.1. nats-server is the one
that scripts/ci-servers.sh builds, or the one on PATH. Logs and data stay in a folder of their own when something is wrong.

Exit code 0: nothing was lost, doubled or unexpected, and answers were lost on the way; 1: not so; 2: it could not run.`;

/** The person at the terminal is told this sentence, without a stack trace. */
export class ChaosProblem extends Error {
  override readonly name = 'ChaosProblem';
}

/** Reads the command line. Throws a {@link ChaosProblem} for what it does not understand. */
export function readChaosArguments(argv: readonly string[]): ChaosArguments {
  const { minutes, seed, clients, help } = parse(argv);
  return {
    minutes: numberIn('--minutes', minutes, { least: 0.1, most: 24 * 60 }),
    seed: seed === undefined ? randomInt(2 ** 31) : wholeIn('--seed', seed, { least: 0, most: 2 ** 31 - 1 }),
    clients: wholeIn('--clients', clients, { least: 1, most: 200 }),
    help,
  };
}

function parse(argv: readonly string[]): ReturnType<typeof parseStrictly> {
  try {
    return parseStrictly(argv);
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split(/(?<=\.) |\n/u);
    throw new ChaosProblem(`${reason.replace(/\.?$/u, '.')} See npm run chaos -- --help`, { cause: error });
  }
}

function parseStrictly(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      clients: { type: 'string', default: String(CLIENTS) },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

function numberIn(option: string, text: string, { least, most }: Range): number {
  const number = /^\d{1,10}(\.\d{1,3})?$/u.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new ChaosProblem(`${option} must be a number from ${least} to ${most}, not "${text}".`);
}

function wholeIn(option: string, text: string, range: Range): number {
  const number = numberIn(option, text, range);
  if (Number.isInteger(number)) return number;
  throw new ChaosProblem(`${option} must be a whole number, not "${text}".`);
}
