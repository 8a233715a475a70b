import { readFile, writeFile } from 'node:fs/promises';
import { freePort } from '#test/support/free-port.ts';
import { supergraphOf } from '#test/support/foreign-subgraphs.ts';
import { newKeys } from '#test/support/keys.ts';
import type { Transport } from './connection.ts';
import { Peer, type Ports } from './peer.ts';
import { EVENT_ALONE, LOG_SCHEMA, REMARKS_SCHEMA, WITH_REMARK } from './schemas.ts';

const HERE = 'bench/subscriptions';
/** No limit of the gateway's is what is measured. */
const NO_LIMIT = '1000000';

/** A server under test, with how its clients come to what they are told. */
export interface Contender {
  readonly name: string;
  readonly server: Peer;
  readonly ports: Ports;
  readonly transport: Transport;
  readonly query: string;
}

/** The servers, each in a process of its own on the core that is measured. */
export interface Servers extends AsyncDisposable {
  readonly bound: Contender;
  readonly plain: Contender;
  readonly gateway: Contender;
  readonly eventStream: Contender;
  readonly withRemark: Contender;
}

export async function openServers(folder: string): Promise<Servers> {
  await using opened = new AsyncDisposableStack();
  const log = opened.use(await Peer.start({ file: `${HERE}/log-service.ts`, core: 'others' }));
  const gateway = opened.use(await openGateway(folder, log.ports.port));
  const plain = opened.use(await Peer.start({ file: `${HERE}/plain-graphql-ws.ts`, core: 'measured' }));
  const bare = opened.use(await Peer.start({ file: `${HERE}/bare-ws.ts`, core: 'measured' }));
  const asked = { transport: 'ws', query: EVENT_ALONE } as const;
  const atGateway = { server: gateway, ports: { ...gateway.ports, publisher: log.ports.publisher } };
  const running = opened.move();
  return {
    bound: { name: 'bare `ws`, one shared buffer', server: bare, ports: bare.ports, ...asked },
    plain: { name: '`graphql-ws`, executing for each client', server: plain, ports: plain.ports, ...asked },
    gateway: { name: 'Lockstep gateway', ...atGateway, ...asked },
    eventStream: { name: 'Lockstep gateway, SSE', ...atGateway, ...asked, transport: 'sse' },
    withRemark: {
      name: 'Lockstep gateway, with a field of a second subgraph',
      ...atGateway,
      ...asked,
      query: WITH_REMARK,
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The gateway as it is deployed: its own `main.ts`, configured by its environment. */
async function openGateway(folder: string, logPort: number): Promise<Peer> {
  const url = `http://127.0.0.1:${logPort}/graphql`;
  const file = `${folder}/supergraph.graphql`;
  const sdl = supergraphOf([
    { name: 'log', url, schema: LOG_SCHEMA },
    { name: 'remarks', url, schema: REMARKS_SCHEMA },
  ]);
  await writeFile(file, sdl);
  const port = await freePort();
  const keys = newKeys();
  const gateway = await Peer.start({
    file: 'gateway/main.ts',
    core: 'measured',
    nodeOptions: ['--expose-gc', '--import', `./${HERE}/weighing.ts`],
    environment: {
      PORT: String(port),
      LOG_LEVEL: 'error',
      SERVICE_PRIVATE_KEY: JSON.stringify(keys.services.gateway),
      SERVICE_PUBLIC_KEYS: JSON.stringify(keys.publicServiceKeys),
      JWKS_URL: 'http://127.0.0.1:1/none',
      SUPERGRAPH_FILE: file,
      MOST_SOCKETS: NO_LIMIT,
      MOST_SOCKETS_PER_ADDRESS: NO_LIMIT,
      MOST_SUBSCRIPTIONS: NO_LIMIT,
      MOST_SUBSCRIPTIONS_PER_CLIENT: NO_LIMIT,
    },
  });
  gateway.ports = { port, publisher: 0 };
  return gateway;
}

/** How many clients a process may have connections of here: what is beyond is the process's own. */
export async function mostClients(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/mu.exec(limits) ?? [];
  return (Number(hard) || Number.POSITIVE_INFINITY) - 200;
}
