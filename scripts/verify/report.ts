import { stripVTControlCharacters } from 'node:util';

/** The invariants of docs/reliability.md, by number. */
export const INVARIANTS = [
  'no oversell',
  'stock is conserved',
  'no lost write',
  'no phantom',
  'no duplicate effect',
  'replays are stable',
  'sagas agree',
  'copies converge',
  'everything is accounted for',
  'status is honest',
] as const;

/** What was found of one invariant. */
export interface Row {
  /** From 1. */
  readonly number: number;
  readonly name: (typeof INVARIANTS)[number];
  /** How many of what were looked at. */
  readonly looked: Readonly<Record<string, number>>;
  readonly violations: number;
  /** The first violations, as sentences. */
  readonly examples: readonly string[];
  /** What was not looked at, and why; empty when everything was. */
  readonly left: readonly string[];
}

export interface Report {
  readonly rows: readonly Row[];
  readonly violations: number;
  /** Was nothing on its way from the first reading to the last? If not, only what holds at any moment was checked. */
  readonly quiet: boolean;
  /** What was on its way when that was looked at last, by kind; empty when quiet. */
  readonly open: Readonly<Record<string, number>>;
  readonly tookMs: number;
}

/** Gathers what is found of one invariant; keeps the first sentences and counts the others. */
export class Findings {
  readonly #at: number;
  readonly #mostExamples: number;
  readonly #looked = new Map<string, number>();
  readonly #examples: string[] = [];
  readonly #left = new Set<string>();
  #violations = 0;

  constructor(at: number, mostExamples: number) {
    this.#at = at;
    this.#mostExamples = mostExamples;
  }

  look(what: string, many: number): void {
    this.#looked.set(what, (this.#looked.get(what) ?? 0) + many);
  }

  violation(sentence: string): void {
    this.#violations += 1;
    if (this.#examples.length < this.#mostExamples) this.#examples.push(sentence);
  }

  /** Something is not looked at. */
  leave(what: string): void {
    this.#left.add(what);
  }

  row(): Row {
    const name = INVARIANTS[this.#at];
    if (name === undefined) throw new RangeError(`there is no invariant ${this.#at + 1}`);
    return {
      number: this.#at + 1,
      name,
      looked: Object.fromEntries(this.#looked),
      violations: this.#violations,
      examples: this.#examples,
      left: [...this.#left],
    };
  }
}

/** Where checks put what they find, by invariant. */
export interface Sheet {
  readonly oversell: Findings;
  readonly conservation: Findings;
  readonly lost: Findings;
  readonly phantoms: Findings;
  readonly duplicates: Findings;
  readonly replays: Findings;
  readonly sagas: Findings;
  readonly convergence: Findings;
  readonly accounting: Findings;
  readonly status: Findings;
}

export function newSheet(mostExamples: number): Sheet {
  const at = (index: number): Findings => new Findings(index, mostExamples);
  return {
    oversell: at(0),
    conservation: at(1),
    lost: at(2),
    phantoms: at(3),
    duplicates: at(4),
    replays: at(5),
    sagas: at(6),
    convergence: at(7),
    accounting: at(8),
    status: at(9),
  };
}

/** The rows of a sheet, in their order. */
export function rowsOf(sheet: Sheet): Row[] {
  return Object.values<Findings>({ ...sheet })
    .map((findings) => findings.row())
    .toSorted((a, b) => a.number - b.number);
}

/** A report for people: a line for each invariant, and below it what is wrong and what was not looked at. */
export function renderReport({ rows, violations, quiet, open, tookMs }: Report): string {
  const lines = rows.flatMap(({ number, name, looked, violations: wrong, examples, left }) => {
    const counts = Object.entries(looked).map(([what, many]) => `${many} ${what}`);
    const verdict = wrong === 0 ? 'ok' : `${wrong} VIOLATED`;
    const more = wrong - examples.length;
    return [
      `${String(number).padStart(2)}  ${name.padEnd(28)} ${verdict.padEnd(12)} ${counts.join(', ') || 'nothing to look at'}`,
      ...examples.map((example) => `      - ${printable(example)}`),
      ...(more > 0 ? [`      - and ${more} more`] : []),
      ...left.map((what) => `      (not looked at: ${what})`),
    ];
  });
  return [...lines, '', `${stateOf({ quiet, open })} ${verdictOf(violations)}, after ${tookMs} ms`].join('\n');
}

function stateOf({ quiet, open }: Pick<Report, 'quiet' | 'open'>): string {
  if (quiet) return 'The system was quiet.';
  const kinds = Object.entries(open).map(([what, many]) => `${many} ${what}`);
  const total = Object.values(open).reduce((sum, many) => sum + many, 0);
  const told = total === 0 ? 'something was written during the check' : `${total} open (${kinds.join(', ')})`;
  return `not quiet: ${told}. Only what holds at any moment was checked.`;
}

function verdictOf(violations: number): string {
  return violations === 0 ? 'No violations' : `${violations} violations`;
}

/** What rows say goes to a terminal: no control characters, and no end of text. */
function printable(sentence: string): string {
  const text = stripVTControlCharacters(sentence).replaceAll(/\p{Cc}+/gu, ' ');
  return text.length > LONGEST_SENTENCE ? `${text.slice(0, LONGEST_SENTENCE)}…` : text;
}

/** Enough for two whole orders beside each other; a record may be of any size. */
const LONGEST_SENTENCE = 600;
