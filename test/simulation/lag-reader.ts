import { subjectMatches } from '#shared/cloud-event.ts';
import { lagOf, type LackingFacts, type SourceFacts } from '#sync/domain/lag.ts';
import { PIPELINES, type Pipeline } from '#sync/domain/pipeline.ts';
import type { Process } from './scheduler.ts';
import type { System } from './system.ts';
import { pauseFor, type Task } from './task.ts';
import type { World } from './world.ts';

const EVERY_MS = 700;

/** Asks for the lag of a pipeline again and again, as `pipelineView` does, and compares it with the truth (EXACTLY-ONCE §7: 10). */
export class LagReader {
  readonly #world: World;
  readonly #system: System;
  readonly #process: Process;

  constructor(world: World, system: System) {
    this.#world = world;
    this.#system = system;
    this.#process = world.scheduler.process('lag reader');
    world.scheduler.spawn(this.#process, this.#read());
  }

  *#read(): Task<void> {
    const driven = PIPELINES.filter(({ driven: isDriven }) => isDriven);
    for (let round = 0; ; round += 1) {
      yield* pauseFor(EVERY_MS);
      yield* this.#compare(driven[round % driven.length]!);
    }
  }

  /** The received position, then what the source has beyond it, then the ledger: what moves on meanwhile is counted twice, never missed. */
  *#compare(pipeline: Pipeline): Task<void> {
    const { bus, outboxes } = this.#system;
    const { faults, tally } = this.#world;
    const { restores } = tally;
    const before = this.#unsynced(pipeline);
    const received = bus.position(pipeline.id, pipeline.source);
    yield* pauseFor(faults.between(0, 20));
    const beyond = outboxes.get(pipeline.source)?.beyond(received) ?? [];
    const times = beyond.map(({ event }) => Date.parse(event.time));
    const oldestBeyondAt = times.length === 0 ? null : new Date(Math.min(...times));
    const source: SourceFacts = { received, beyond: beyond.length, oldestBeyondAt };
    yield* pauseFor(faults.between(0, 20));
    const lag = lagOf(source, [this.#ledgerFacts(pipeline)], this.#world.date());
    const after = this.#unsynced(pipeline);
    const throughout = [...before].filter((record) => after.has(record));
    // A restore in between takes the source back: there is no one truth then.
    if (tally.restores !== restores) return;
    const detail = (): string => `${pipeline.id} shows ${lag.records} for ${throughout.join(' ')}`;
    this.#world.claim(lag.records >= throughout.length, 'the lag shown is no less than the lag', detail);
  }

  /** Mirrors `backlog`. */
  #ledgerFacts({ id }: Pipeline): LackingFacts {
    const open = this.#system.sync.ledger.of(id).filter(({ state }) => state !== 'APPLIED' && state !== 'SUPERSEDED');
    const times = open.map(({ occurredAt }) => occurredAt.getTime());
    const records = new Set(open.map(({ record }) => record)).size;
    return { records, oldestAt: times.length === 0 ? null : new Date(Math.min(...times)) };
  }

  /** The records whose last committed version the target does not hold. */
  #unsynced({ source, subjects, entity }: Pipeline): Set<string> {
    const { outboxes, target } = this.#system;
    const events = outboxes.get(source)?.events() ?? [];
    const mine = events.filter(({ type }) => subjects.some((subject) => subjectMatches(subject, type)));
    const behind = mine.filter(
      ({ subject, revision }) => Number(revision) > (target.rows.get(`${entity}/${subject}`)?.revision ?? -1),
    );
    return new Set(behind.map(({ subject }) => subject));
  }
}
