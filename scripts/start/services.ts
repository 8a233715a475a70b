/** What a service may be given beyond what every one gets. See `service-environment.ts` for each variable's value. */
export const NEEDS = [
  'DATABASE_URL',
  'BUS_DATABASE_URL',
  'NATS_URL',
  'IDEMPOTENCY_SECRET',
  'JWT_PRIVATE_KEY',
  'ADMIN_EMAIL',
  'ADMIN_PASSWORD',
  'ORACLE_URL',
  'ORACLE_SQLITE_FILE',
  'MAIL_FOLDER',
  'USER_URL',
  'ORDER_URL',
  'INVENTORY_URL',
  'NOTIFICATION_URL',
  'SYNC_URL',
] as const;
export type Need = (typeof NEEDS)[number];

export interface ServiceEntry {
  readonly name: string;
  /** The gateway drains before the subgraphs it calls. */
  readonly kind: 'gateway' | 'subgraph';
  /** From the project's folder. */
  readonly entry: string;
  /** Above the gateway's port. */
  readonly portOffset: number;
  /** `DATABASE_URL` also gives it a database of its own. */
  readonly needs: readonly Need[];
}

/** Each service gets one of them set. */
const BUS = ['BUS_DATABASE_URL', 'NATS_URL'] as const;

/** The services of the system. To add one, add its entry, and its `_URL` to `NEEDS` when others call it. */
export const SERVICES: readonly ServiceEntry[] = [
  {
    name: 'user',
    kind: 'subgraph',
    entry: 'subgraphs/user/main.ts',
    portOffset: 1,
    needs: ['DATABASE_URL', ...BUS, 'IDEMPOTENCY_SECRET', 'JWT_PRIVATE_KEY', 'ADMIN_EMAIL', 'ADMIN_PASSWORD'],
  },
  {
    name: 'order',
    kind: 'subgraph',
    entry: 'subgraphs/order/main.ts',
    portOffset: 2,
    needs: ['DATABASE_URL', ...BUS, 'IDEMPOTENCY_SECRET', 'INVENTORY_URL'],
  },
  {
    name: 'inventory',
    kind: 'subgraph',
    entry: 'subgraphs/inventory/main.ts',
    portOffset: 3,
    needs: ['DATABASE_URL', ...BUS, 'IDEMPOTENCY_SECRET'],
  },
  {
    name: 'notification',
    kind: 'subgraph',
    entry: 'subgraphs/notification/main.ts',
    portOffset: 4,
    needs: ['DATABASE_URL', ...BUS, 'IDEMPOTENCY_SECRET', 'USER_URL', 'MAIL_FOLDER'],
  },
  {
    name: 'sync',
    kind: 'subgraph',
    entry: 'subgraphs/sync/main.ts',
    portOffset: 5,
    needs: [
      'DATABASE_URL',
      ...BUS,
      'IDEMPOTENCY_SECRET',
      'USER_URL',
      'ORDER_URL',
      'INVENTORY_URL',
      'ORACLE_URL',
      'ORACLE_SQLITE_FILE',
    ],
  },
  {
    name: 'gateway',
    kind: 'gateway',
    entry: 'gateway/main.ts',
    portOffset: 0,
    needs: ['USER_URL', 'ORDER_URL', 'INVENTORY_URL', 'NOTIFICATION_URL', 'SYNC_URL'],
  },
];
