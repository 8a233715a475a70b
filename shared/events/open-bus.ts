import type { SubgraphConfig } from '../config.ts';
import { invariant } from '../invariant.ts';
import type { Log } from '../log.ts';
import type { Bus } from './bus.ts';
import { openNatsBus } from './nats-bus.ts';
import { openPostgresBus } from './postgres-bus.ts';

/** Opens the bus that a service is configured to use: NATS JetStream, or a PostgreSQL database. */
export async function openBus(
  { NATS_URL, BUS_DATABASE_URL }: Pick<SubgraphConfig, 'NATS_URL' | 'BUS_DATABASE_URL'>,
  { name, log }: { name: string; log: Log },
): Promise<Bus> {
  if (NATS_URL !== undefined) return openNatsBus({ url: NATS_URL, name, log });
  invariant(BUS_DATABASE_URL !== undefined, 'a configuration has one bus');
  return openPostgresBus({ url: BUS_DATABASE_URL, name, log });
}
