import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import {
  allGone,
  descendantsOf,
  freeGatewayPort,
  type Started,
  type StartOptions,
  startSystem,
  temporaryFolder,
} from './start-driver.ts';

/** Longer than any deadline within a test, so that what fails says what it waited for. */
export const TIMEOUT_MS = 300_000;
export const READY = /Ctrl-C stops everything/u;
/** Offsets of the stand-in services' ports. */
export const GATEWAY = 0;
export const USER = 1;

/** What each test has to itself. */
export interface Fixture {
  readonly folder: string;
  /** The data directory, not made yet. */
  readonly data: string;
  readonly port: number;
  /** Ends with the test, with all it has started. */
  adopt(system: Started): Started;
  run(options?: Partial<StartOptions>): Started;
  runReady(options?: Partial<StartOptions>): Promise<Started>;
  postmasterPid(): Promise<number>;
}

/** Gives each test of the file a folder, a port, and an end to whatever it started. */
export function useFixture(): Fixture {
  const started: Started[] = [];
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let port = 0;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    port = await freeGatewayPort();
  });

  afterEach(async () => {
    for (const { pid, process, ended } of started.splice(0)) {
      const left = descendantsOf(pid);
      process.kill('SIGKILL');
      await allGone(left);
      await ended;
    }
    await temporary[Symbol.asyncDispose]();
  });

  const fixture: Fixture = {
    get folder() {
      return temporary.path;
    },
    get data() {
      return join(temporary.path, 'data');
    },
    get port() {
      return port;
    },
    adopt(system) {
      started.push(system);
      return system;
    },
    run: (options = {}) => fixture.adopt(startSystem({ directory: fixture.data, port, ...options })),
    async runReady(options) {
      const system = fixture.run(options);
      await system.says(READY);
      return system;
    },
    postmasterPid: async () =>
      Number.parseInt(await readFile(join(fixture.data, 'postgres', 'postmaster.pid'), 'utf8'), 10),
  };
  return fixture;
}

/** Stops a system and expects it to say that all is well. */
export async function stop(system: Started): Promise<void> {
  system.process.kill('SIGTERM');
  expect(await system.ended, system.output()).toBe(0);
}
