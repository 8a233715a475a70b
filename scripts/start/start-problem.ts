/** What the shell learns: `usage` as most commands do, `configuration` as EX_CONFIG of sysexits.h, which services use too. */
export const EXIT_CODES = { done: 0, fault: 1, usage: 2, configuration: 78 } as const;

type ProblemCode = typeof EXIT_CODES.usage | typeof EXIT_CODES.configuration;

/** The system cannot start as things are. The message is one sentence for the person at the terminal, shown without a stack trace. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
  readonly exitCode: ProblemCode;

  constructor(sentence: string, options: { cause?: unknown; exitCode?: ProblemCode } = {}) {
    super(sentence, { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT_CODES.configuration;
  }
}

/** The `code` of a Node or system error (`ENOENT`, `EACCES` …), or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
