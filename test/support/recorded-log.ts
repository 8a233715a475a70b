import { pino } from 'pino';
import type { Log } from '#shared/log.ts';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A log that keeps its lines for the test to read. */
export function recordedLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => lines.push(JSON.parse(line) as LogLine) });
  return { log, lines };
}
