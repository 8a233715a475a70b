import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Secrets that must never reach a log, wherever a logged object carries them. */
const REDACTED = ['authorization', 'password', 'token', 'secret'].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON lines on standard output, each naming the service. */
export function openLog(options: { service: string; level: string }): Log {
  return pino({
    level: options.level,
    base: { service: options.service },
    redact: REDACTED,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
