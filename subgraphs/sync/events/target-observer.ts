import type { CloudEvent, PositionedEvent } from '#shared/cloud-event.ts';
import type { Bus, Subscription } from '#shared/events/bus.ts';
import type { Log } from '#shared/log.ts';
import type { Database } from '#shared/store/postgres.ts';
import { observe } from '../commands/observe.ts';
import { receiveEvents } from '../commands/receive-events.ts';
import { isObservation, OBSERVED_TYPE, observationOf, type Observation } from '../domain/observation.ts';
import type { Pipeline } from '../domain/pipeline.ts';

interface Observer {
  readonly db: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly afterCommit: () => void;
}

/** Follows a target that takes its records by itself: what its source tells waits in the ledger until the target tells that it holds it. */
export function observeTarget({ db, bus, log, afterCommit }: Observer, pipeline: Pipeline): Promise<Subscription> {
  const onBatch = async (batch: readonly PositionedEvent[]): Promise<void> => {
    await receiveEvents(
      db,
      pipeline,
      batch.filter(({ event }) => event.source === pipeline.source),
    );
    const told = batch.map(({ event }) => event).filter((event) => isObservation(pipeline, event));
    const observations = told.flatMap((event) => understood({ log, pipeline }, event));
    if (observations.length === 0) return;
    await observe(db, pipeline, observations);
    afterCommit();
  };
  return bus.subscribe({ durable: pipeline.id, subjects: [...pipeline.subjects, OBSERVED_TYPE], onBatch });
}

/** What cannot be understood says nothing of its record, which goes on waiting and is shown so; it must not hold up the others. */
function understood({ log, pipeline }: { log: Log; pipeline: Pipeline }, event: CloudEvent): Observation[] {
  try {
    return [observationOf(pipeline, event)].filter((observation) => observation !== undefined);
  } catch (error) {
    log.error({ err: error, pipeline: pipeline.id, event: event.id }, 'observation not understood');
    return [];
  }
}
