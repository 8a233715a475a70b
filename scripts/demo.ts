import { parseArgs, styleText } from 'node:util';
import { AppClient } from './demo/client.ts';
import { DemoFailure, openStage, type Stage } from './demo/stage.ts';
import { walkThrough } from './demo/walk-through.ts';

const DEFAULT_URL = 'http://localhost:4000';
const HELP = `npm run demo -- [--url ${DEFAULT_URL}]

Walks through a running system, live: a user is registered, an order placed twice with one key and cancelled, and every record watched
until it has reached every target. Each run registers somebody new. Start the system first, in another terminal: npm start

  --url    where the gateway answers
  --help   shows this text
`;
/** How a shell tells of Ctrl-C. */
const INTERRUPTED = 130;
const IS_THERE_WITHIN_MS = 5_000;

/** Throws unless a gateway answers there. */
async function requireSystem(url: string): Promise<void> {
  const start = 'Start the system in another terminal with: npm start';
  const notTheGateway = new DemoFailure(`What answers at ${url} is not the gateway. ${start}`);
  let health: { service?: unknown; status?: unknown };
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(IS_THERE_WITHIN_MS) });
    health = (await response.json()) as typeof health;
  } catch (error) {
    if (error instanceof SyntaxError) throw notTheGateway;
    throw new DemoFailure(`Nothing answers at ${url}. ${start}`, { cause: error });
  }
  if (health.service !== 'gateway') throw notTheGateway;
  if (health.status === 'down') throw new DemoFailure(`The system at ${url} is not ready. Try again in a moment.`);
}

async function show(stage: Stage, url: string): Promise<void> {
  await requireSystem(url);
  stage.say(`Lockstep, live at ${url}`);
  const startedAt = performance.now();
  let token: string | undefined;
  await using client = new AppClient(url, () => token);
  await walkThrough({ stage, client, signIn: (minted) => (token = minted) });
  stage.say(`\nEverything held, in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.`);
}

function readUrl(argv: readonly string[]): string | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: { url: { type: 'string', default: DEFAULT_URL }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return undefined;
  if (!URL.canParse(values.url)) throw new DemoFailure(`--url needs an address such as ${DEFAULT_URL}.`);
  return values.url.replace(/\/$/, '');
}

/** What fetch throws says only that it failed; its cause says how. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof DemoFailure || !(error.cause instanceof Error)) return error.message;
  return `${error.message}: ${error.cause.message}`;
}

async function main(): Promise<number> {
  const url = readUrl(process.argv.slice(2));
  if (url === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  await show(openStage(), url);
  return 0;
}

// Whoever read us may be gone before we are.
process.stdout.on('error', () => process.exit(1));
process.once('SIGINT', () => {
  process.stdout.write('\nStopped.\n');
  process.exit(INTERRUPTED);
});
process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${styleText('red', '✗', { stream: process.stderr })} ${sentenceOf(error)}\n`);
  return 1;
});
