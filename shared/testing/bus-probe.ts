import { openLog } from '../log.ts';
import { openNatsBus } from '../events/nats-bus.ts';

/** Run as a process of its own, since whom a process trusts is said when it starts: opens a bus, asks it something, and prints that it answers. */
const [url = ''] = process.argv.slice(2);
await using bus = await openNatsBus({ url, name: 'probe', log: openLog({ service: 'probe', level: 'fatal' }) });
await bus.check();
process.stdout.write('answers\n');
