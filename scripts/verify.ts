import { join } from 'node:path';
import {
  HELP,
  readVerifyArguments,
  VERIFY_EXIT_CODES,
  VerifyProblem,
  type VerifyArguments,
} from './verify/arguments.ts';
import { readAttempts } from './verify/calls.ts';
import { sourcesIn, sourcesOf, type HeldSources } from './verify/places.ts';
import { renderReport, type Report } from './verify/report.ts';
import { verify } from './verify/verify.ts';

const PROJECT_DIRECTORY = join(import.meta.dirname, '..');

type Environment = Readonly<Record<string, string | undefined>>;

/** Checks a system as the command line says, and prints what was found; gives the exit code. */
async function run(argv: readonly string[], environment: Environment): Promise<number> {
  const given = readVerifyArguments(argv);
  if (given.help) {
    console.log(HELP);
    return VERIFY_EXIT_CODES.sound;
  }
  await using held = await hold(given, environment);
  const report = await check(held, given);
  console.log(given.json ? JSON.stringify(report, null, 2) : `Checked ${held.told}.\n\n${renderReport(report)}`);
  return report.violations === 0 ? VERIFY_EXIT_CODES.sound : VERIFY_EXIT_CODES.violated;
}

/** What the command line names goes before what the environment does. */
async function hold({ dataDirectory }: VerifyArguments, environment: Environment): Promise<HeldSources> {
  const named = dataDirectory === undefined ? sourcesIn(environment) : undefined;
  if (named === undefined) return sourcesOf(dataDirectory ?? join(PROJECT_DIRECTORY, '.lockstep'), environment);
  const told = 'the databases that the environment names';
  return { sources: named, told, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function check({ sources }: HeldSources, { callsFile, waitMs, mostExamples }: VerifyArguments): Promise<Report> {
  const calls = callsFile === undefined ? {} : { calls: readAttempts(callsFile) };
  return verify(sources, { waitMs, mostExamples, ...calls });
}

/** One sentence for what keeps us from checking: nobody is helped by our stack. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof VerifyProblem) return error.message;
  return error.message || ('code' in error ? String(error.code) : error.name);
}

try {
  process.exitCode = await run(process.argv.slice(2), process.env);
} catch (error) {
  console.error(`It could not be checked: ${sentenceOf(error)}`);
  process.exitCode = VERIFY_EXIT_CODES.unchecked;
}
