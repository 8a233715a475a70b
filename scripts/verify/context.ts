import type { Calls } from './calls.ts';
import type { Sheet } from './report.ts';
import type { OpenSources } from './sources.ts';

/** What a pipeline is shown as, by whoever asks the system itself. */
export interface ShownPipeline {
  readonly id: string;
  readonly counts: {
    readonly committed: number | null;
    readonly applied: number;
    readonly superseded: number;
    readonly inFlight: number | null;
    readonly deadLettered: number;
    readonly discarded: number;
  };
  readonly lag: { readonly records: number; readonly seconds: number } | null;
}

/** What every check is given. */
export interface Context {
  readonly sources: OpenSources;
  readonly sheet: Sheet;
  /** May the check expect that nothing is on its way? If not, it reads in the order that makes it sound, and checks what holds at any moment. */
  readonly quiet: boolean;
  /** What clients did and heard; undefined when nobody wrote it down. */
  readonly calls: Calls | undefined;
  /** Asks how the pipelines are shown; undefined when nobody can. */
  readonly shown: (() => Promise<readonly ShownPipeline[]>) | undefined;
}

export type Check = (context: Context) => Promise<void>;
