import { styleText } from 'node:util';

/** A step's claim does not hold, or there is nothing to show it on: a sentence for people. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

/** What the person at the terminal sees. */
export interface Stage {
  /** Begins the next step. */
  step(title: string): void;
  /** An operation is on its way. */
  sends(document: { toString(): string }, variables: Readonly<Record<string, unknown>>): void;
  /** What came back, with the time since it was sent. */
  answered(what: string): void;
  /** Something that came by itself. */
  live(what: string): void;
  /** Shows that the sentence holds. Throws {@link DemoFailure} when it does not. */
  claim(sentence: string, holds: boolean): void;
  say(text: string): void;
}

const WIDTH = 100;
const INDENT = '   ';

export function openStage(): Stage {
  let steps = 0;
  let sentAt = performance.now();
  const write = (text: string): void => void process.stdout.write(`${text}\n`);
  return {
    step: (title) => write(`\n${styleText('bold', `${(steps += 1)}. ${title}`)}`),
    sends: (document, variables) => {
      write(styleText('dim', wrapped(oneLine(document.toString()))));
      if (Object.keys(variables).length > 0) write(styleText('dim', wrapped(shown(variables))));
      sentAt = performance.now();
    },
    answered: (what) =>
      write(`${INDENT}${what} ${styleText('dim', `(${(performance.now() - sentAt).toFixed(0)} ms)`)}`),
    live: (what) => write(`${INDENT}${styleText('cyan', '~ live')} ${what}`),
    claim: (sentence, holds) => {
      if (!holds) throw new DemoFailure(`This does not hold: ${sentence}`);
      write(`${INDENT}${styleText('green', '✓')} ${sentence}`);
    },
    say: write,
  };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Variables on one line; nobody reads a password over a shoulder. */
function shown(variables: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(variables, (name, value: unknown) => (name === 'password' ? '…' : value), 1);
  return oneLine(text);
}

/** Breaks a line at spaces. */
function wrapped(line: string): string {
  const lines = [''];
  for (const word of line.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((text) => `${INDENT}${text}`).join('\n');
}
