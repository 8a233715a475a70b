import { describe, inject } from 'vitest';
import type { NatsProgram } from './nats-server.ts';

const programs = inject('natsPrograms');
const NONE: NatsProgram = { path: '', version: '(none)' };

/** The newest NATS server that is here, for what need not be seen on each. Global setup has said loudly what is missing. */
export const currentNats = programs[0] ?? NONE;
/** Is there a NATS server to test with? Global setup has looked for one: it says so loudly when there is none, and throws when REQUIRE names it. */
export const hasNats = programs.length > 0;

/** A suite that works on real NATS servers, once for each version that is here: `$version` in its name tells which. */
export const describeOnNats = hasNats ? describe.each(programs) : describe.skip.each([NONE]); // -- npm test passes where only Node and npm are; REQUIRE forbids the skip
