import { spawn } from 'node:child_process';
import { once } from 'node:events';

interface Ran {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

interface RunOptions {
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  argv: readonly string[],
  { folder, environment = process.env }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder, env: environment });
  const texts = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.errors += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...texts };
}
