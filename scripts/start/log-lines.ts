import { styleText } from 'node:util';

const LEVELS = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' } as const;
type Level = (typeof LEVELS)[keyof typeof LEVELS];

const COLOURS = {
  trace: 'dim',
  debug: 'dim',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
} as const satisfies Record<Level, string>;

interface LogLine {
  readonly level: Level;
  readonly text: string;
  /** Of the error it carries, when it tells of one that matters. */
  readonly stack: readonly string[];
}

/** A pino line as a person reads it, or undefined when it is none. */
export function readLogLine(line: string): LogLine | undefined {
  const record = parseRecord(line);
  const level = record && levelOf(record['level']);
  if (record === undefined || level === undefined) return undefined;
  const message = typeof record['msg'] === 'string' ? record['msg'] : '';
  const text = [message, ...fieldsOf(record)].filter((part) => part !== '').join(' ');
  return { level, text, stack: isBad(level) ? stackOf(record['err']) : [] };
}

/** Whether it is shown when only warnings and errors are. */
export function isBad(level: Level): boolean {
  return level === 'warn' || level === 'error' || level === 'fatal';
}

export function colourOf(level: Level): (typeof COLOURS)[Level] {
  return COLOURS[level];
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function levelOf(value: unknown): Level | undefined {
  if (typeof value === 'number') return LEVELS[value as keyof typeof LEVELS];
  return Object.values(LEVELS).find((level) => level === value);
}

/** On every line, or shown otherwise. */
const UNSHOWN = new Set(['level', 'time', 'pid', 'hostname', 'name', 'service', 'msg', 'v']);
/** More would not be read at a glance; `LOG_FORMAT=json` shows all. */
const FIELDS_SHOWN = 6;
const FIELD_LENGTH = 120;

function fieldsOf(record: Record<string, unknown>): string[] {
  const shown = Object.entries(record).filter(([name, value]) => !UNSHOWN.has(name) && value !== undefined);
  return shown.slice(0, FIELDS_SHOWN).map(([name, value]) => {
    const text = `${name}=${name === 'err' ? messageOf(value) : render(value)}`;
    return styleText('dim', text.length > FIELD_LENGTH ? `${text.slice(0, FIELD_LENGTH)}…` : text);
  });
}

function render(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /\s/u.test(text) ? JSON.stringify(text) : text;
}

function messageOf(value: unknown): string {
  const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : value;
  return JSON.stringify(message);
}

function stackOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || !('stack' in value) || typeof value.stack !== 'string') return [];
  return value.stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
}
