import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayConfig } from '#gateway/config.ts';
import { startGateway } from '#gateway/main.ts';
import { mintAccessToken, publicHalf } from '#shared/identity/tokens.ts';
import { serveForeign, supergraphOf } from './foreign-subgraphs.ts';
import { gatewayConfig } from './gateway-defaults.ts';
import { newKeys } from './keys.ts';
import { LOG_SCHEMA, openLogSubgraph, remarks, type LogSubgraph, type Remarks } from './log-subgraph.ts';

/** A gateway over a subgraph that streams a log, and another that has remarks on its entries. */
export interface LogGateway extends AsyncDisposable {
  readonly url: string;
  readonly log: LogSubgraph;
  readonly remarks: Remarks;
  /** An `Authorization` of this caller, which ends so long from now. */
  bearer(id: string, lastsMs?: number): Promise<string>;
  /** What `/metrics` shows of a metric with these labels, in their order there. */
  metric(name: string, labels?: string): Promise<number | undefined>;
  /** Drains and ends the gateway. */
  stop(): Promise<void>;
}

const TOKEN_LIFE_MS = 15 * 60_000;

export async function openLogGateway(options: Partial<GatewayConfig> = {}): Promise<LogGateway> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-log-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const log = opened.use(await openLogSubgraph());
  const remarking = remarks();
  const remarksUrl = opened.use(await serveForeign(remarking)).url;
  const SUPERGRAPH_FILE = join(folder, 'supergraph.graphql');
  const subgraphs = [
    { name: 'log', url: log.url, schema: LOG_SCHEMA },
    { name: 'remarks', url: remarksUrl, schema: remarking.schema },
  ];
  await writeFile(SUPERGRAPH_FILE, supergraphOf(subgraphs));
  const keys = newKeys();
  const JWKS_FILE = join(folder, 'jwks.json');
  await writeFile(JWKS_FILE, JSON.stringify({ keys: [publicHalf(keys.jwt)] }));
  const gateway = await startGateway(gatewayConfig(keys, { SUPERGRAPH_FILE, JWKS_FILE, ...options }));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= Promise.resolve(gateway[Symbol.asyncDispose]()));
  opened.defer(stop);
  const running = opened.move();
  return {
    url: gateway.url,
    log,
    remarks: remarking,
    bearer: async (id, lastsMs = TOKEN_LIFE_MS) => {
      const at = new Date(Date.now() + lastsMs - TOKEN_LIFE_MS);
      return `Bearer ${(await mintAccessToken(keys.jwt, { id, role: 'CUSTOMER' }, at)).token}`;
    },
    metric: async (name, labels = '') => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(labels));
      return line === undefined ? undefined : Number(line.split(' ').at(-1));
    },
    stop,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
