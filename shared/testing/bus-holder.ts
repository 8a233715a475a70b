import { openLog } from '../log.ts';
import { openNatsBus } from '../events/nats-bus.ts';

/** Run as a process of its own, to be killed or paused: holds a durable, and prints the last position of each batch that it was given. */
const [url = '', durable = ''] = process.argv.slice(2);
const bus = await openNatsBus({ url, name: 'holder', log: openLog({ service: 'holder', level: 'fatal' }) });
await bus.subscribe({
  durable,
  subjects: ['user.*'],
  onBatch: (events) => {
    process.stdout.write(`${events.at(-1)?.position}\n`);
    return Promise.resolve();
  },
});
