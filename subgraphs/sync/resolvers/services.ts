import type { CommandServices } from '#shared/command.ts';
import type { Feed } from '#shared/events/feed.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { AskSource } from '../store/sources.ts';

/** What the resolvers work with; wired in main.ts. */
export interface SyncServices extends CommandServices {
  readonly feed: Feed;
  /** Up to which position of its source a pipeline has received everything. */
  readonly receivedUpTo: (pipeline: Pipeline) => Promise<number>;
  readonly askSource: AskSource;
  /** Seconds; see SYNC_INTERVAL. */
  readonly intervalSeconds: number;
  /** Makes a pipeline look for due work now. */
  readonly wakePipeline: (pipeline: string) => void;
}
