import { subscribe } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readGatewayConfig } from '#gateway/config.ts';
import { startGateway } from '#gateway/main.ts';
import { runService } from '#shared/process.ts';
import type { Footprint, WatchMessage } from './watched-gateway.ts';

/** The gateway as its own main starts it, in a process that tells its parent what it holds. */

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The planted leak. */
const kept: string[] = [];
let keptPerSocket = 0;
subscribe('net.server.socket', () => {
  // A text that no other one shares.
  if (keptPerSocket > 0) kept.push(Buffer.alloc(keptPerSocket, String(kept.length)).toString('latin1'));
});

process.on('message', ({ ask, keepPerSocket }: WatchMessage) => {
  keptPerSocket = keepPerSocket ?? keptPerSocket;
  if (ask === 'footprint') process.send?.(footprint());
});

function footprint(): Footprint {
  // What the first has finalized, the second takes away.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  const resources = Object.groupBy(process.getActiveResourcesInfo(), (name) => name);
  return {
    memoryBytes: heapUsed + external,
    resources: Object.fromEntries(Object.entries(resources).map(([name, all = []]) => [name, all.length])),
  };
}

await runService(() => startGateway(readGatewayConfig()));
