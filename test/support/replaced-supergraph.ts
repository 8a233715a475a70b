import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayConfig } from '#gateway/config.ts';
import { startGateway } from '#gateway/main.ts';
import { TestClient } from './client.ts';
import { gatewayConfig } from './gateway-defaults.ts';
import { newKeys } from './keys.ts';
import { until } from './poll.ts';

export interface Health {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly status: string; readonly error?: string }>>;
}

/** A gateway whose supergraph file a test writes. */
export interface ReplacedSupergraph extends AsyncDisposable {
  readonly client: TestClient;
  readonly folder: string;
  /** Where the gateway reads it. */
  readonly file: string;
  /** Puts a file in the place of the one that is there, in one step. */
  write(sdl: string): Promise<void>;
  /** Writes, has the gateway look, and resolves when this many were replaced altogether. */
  replace(sdl: string, times: number): Promise<void>;
  health(): Promise<Health>;
  /** How often what came of looking was this. */
  count(outcome: 'replaced' | 'unchanged' | 'refused'): Promise<number>;
}

/** The environment of a gateway that verifies nobody's token. */
export function lonelyGateway(file: string): GatewayConfig {
  return gatewayConfig(newKeys(), { SUPERGRAPH_FILE: file, SUBGRAPH_TIMEOUT_MS: 30_000 });
}

/** Starts it with the first of its supergraphs. */
export async function openReplacedSupergraph(first: string): Promise<ReplacedSupergraph> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-supergraph-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'supergraph.graphql');
  const write = async (sdl: string): Promise<void> => {
    await writeFile(`${file}.new`, sdl);
    await rename(`${file}.new`, file);
  };
  await write(first);
  const gateway = opened.use(await startGateway(lonelyGateway(file)));
  const count: ReplacedSupergraph['count'] = (outcome) => outcomeCount(gateway.url, outcome);
  const running = opened.move();
  return {
    client: new TestClient(gateway.url),
    folder,
    file,
    write,
    replace: async (sdl, times) => {
      await write(sdl);
      gateway.reload?.();
      await until(async () => (await count('replaced')) === times, { what: `replacement ${times}` });
    },
    health: async () => (await (await fetch(`${gateway.url}/health`)).json()) as Health,
    count,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Reads it from a gateway's metrics. */
export async function outcomeCount(url: string, outcome: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = new RegExp(`^lockstep_supergraph_reloads_total\\{[^}]*outcome="${outcome}"[^}]*\\} (\\d+)$`, 'm').exec(
    text,
  );
  return Number(line?.[1] ?? Number.NaN);
}
