import { styleText } from 'node:util';
import { colourOf, isBad, readLogLine } from './log-lines.ts';

/** What the person at the terminal sees. Writing to a terminal that has gone away does no harm. */
export interface Terminal {
  /** Something was done; with the time it took when it was a step. */
  done(what: string, tookMs?: number): void;
  note(what: string): void;
  warn(what: string): void;
  /** Always shown, also when quiet, on standard output. */
  say(text: string): void;
  /** Always shown, on standard error. */
  problem(sentence: string): void;
  /** A line that a service wrote. */
  serviceLine(service: string, stream: 'stdout' | 'stderr', line: string): void;
}

interface TerminalOptions {
  readonly quiet: boolean;
  /** Passes the services' lines on as they are. */
  readonly json: boolean;
}

export function openTerminal({ quiet, json }: TerminalOptions): Terminal {
  // Whoever read us may be gone before we are: stopping properly matters more than telling of it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const write = (text: string): void => void process.stdout.write(`${text}\n`);
  const unlessQuiet = (text: string): void => (quiet ? undefined : write(text));
  return {
    done: (what, tookMs) =>
      unlessQuiet(
        `${styleText('green', '✓')} ${what}${tookMs === undefined ? '' : styleText('dim', ` (${seconds(tookMs)})`)}`,
      ),
    note: (what) => unlessQuiet(`${styleText('dim', '·')} ${what}`),
    warn: (what) => write(`${styleText('yellow', '!')} ${what}`),
    say: write,
    problem: (sentence) =>
      void process.stderr.write(`${styleText('red', '✗', { stream: process.stderr })} ${sentence}\n`),
    serviceLine: (service, stream, line) => {
      for (const shown of json ? [line] : renderServiceLine(line, { service, stream, quiet })) write(shown);
    },
  };
}

/** Wide enough for the longest service name. */
const LABEL_WIDTH = 12;

interface LineOrigin {
  readonly service: string;
  readonly stream: 'stdout' | 'stderr';
  readonly quiet: boolean;
}

function renderServiceLine(line: string, { service, stream, quiet }: LineOrigin): string[] {
  const label = styleText('cyan', service.padEnd(LABEL_WIDTH));
  const log = readLogLine(line);
  if (log === undefined) return quiet && stream === 'stdout' ? [] : [`${label} ${line}`];
  if (quiet && !isBad(log.level)) return [];
  const level = styleText(colourOf(log.level), log.level.padEnd(5));
  return [
    `${label} ${level} ${log.text}`,
    ...log.stack.map((frame) => `${label}       ${styleText('dim', frame.trim())}`),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
