import { describeOnNats } from '#test/support/nats.ts';
import { startNatsServer } from '#test/support/nats-server.ts';
import { quietLog } from '#test/support/store.ts';
import { describeBusContract } from '../testing/bus-contract.ts';
import type { Bus } from './bus.ts';
import { openNatsBus } from './nats-bus.ts';

describeOnNats('NATS $version', (program) => {
  describeBusContract(
    'JetStream',
    async () => {
      const server = await startNatsServer(program);
      return {
        open: (): Promise<Bus> => openNatsBus({ url: server.url, name: 'test', log: quietLog }),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
    { prunes: false },
  );
});
