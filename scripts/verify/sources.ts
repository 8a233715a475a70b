import { natsLog, postgresLog, type BusLog } from './bus-log.ts';
import { SERVICES, type ServiceName } from './durables.ts';
import { mongoDocuments, postgresDocuments, profilesOf, type Documents } from './documents.ts';
import { openFile, openMongo, openReader, type Reader } from './readers.ts';
import { oracleFileOf, sourceOf, type Copies, type EntityName } from './records.ts';

/** Where a system keeps what is checked. */
export interface Sources {
  readonly databaseUrls: Readonly<Record<ServiceName, string>> & {
    /** The bus in PostgreSQL; not looked at where `natsUrl` is given. */
    readonly bus?: string | undefined;
  };
  /** The servers of the bus that lives in NATS; left out where there is none. */
  readonly natsUrl?: string | undefined;
  /** The embedded system of record; left out where there is none to be reached. */
  readonly oracleFile?: string | undefined;
  /** Where notifications are kept; in the notification service's PostgreSQL when left out. */
  readonly mongodbUrl?: string | undefined;
}

/** The sources, opened for reading. */
export interface OpenSources extends AsyncDisposable {
  readonly databases: Readonly<Record<ServiceName, Reader>>;
  /** Undefined when no bus was named. */
  readonly bus: BusLog | undefined;
  readonly documents: Documents;
  source(entity: EntityName): Copies;
  /** The copies at a target; undefined when it cannot be looked at. */
  target(target: 'oracle' | 'notification', entity: EntityName): Copies | undefined;
}

/** Opens everything that is to be read. A database that cannot be reached is found out by the first reading. */
export async function openSources({ databaseUrls, natsUrl, oracleFile, mongodbUrl }: Sources): Promise<OpenSources> {
  await using opened = new AsyncDisposableStack();
  const entries = SERVICES.map((service) => [service, opened.use(openReader(databaseUrls[service]))] as const);
  const databases = Object.fromEntries(entries) as Record<ServiceName, Reader>;
  const bus = opened.use(await openBusLog(databaseUrls.bus, natsUrl));
  const documents =
    mongodbUrl === undefined
      ? postgresDocuments(databases.notification)
      : mongoDocuments(opened.use(openMongo(mongodbUrl)));
  const file = oracleFile === undefined ? undefined : opened.use(openFile(oracleFile));
  const owners = { USER: databases.user, ORDER: databases.order, PRODUCT: databases.inventory };
  const open = opened.move();
  return {
    databases,
    bus,
    documents,
    source: (entity) => sourceOf(entity, owners[entity]),
    target: (target, entity) => {
      if (target === 'notification') return entity === 'USER' ? profilesOf(documents) : undefined;
      return file && oracleFileOf(entity, file);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function openBusLog(postgresUrl: string | undefined, natsUrl: string | undefined): Promise<BusLog | undefined> {
  if (natsUrl !== undefined) return natsLog(natsUrl);
  return postgresUrl === undefined ? undefined : postgresLog(postgresUrl);
}
