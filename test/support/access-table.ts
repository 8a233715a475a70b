import { CONSUMER_DEAD_LETTER_ROWS } from './access-of-consumer-dead-letters.ts';
import { DEAD_LETTER_ROWS } from './access-of-dead-letters.ts';
import { NOTIFICATION_ROWS } from './access-of-notifications.ts';
import { ORDER_ROWS } from './access-of-orders.ts';
import { STOCK_ROWS } from './access-of-stock.ts';
import { SYNC_ROWS } from './access-of-sync.ts';
import { USER_ROWS } from './access-of-users.ts';
import type { Row } from './access-vocabulary.ts';

/**
 * Who gets what: every field of the gateway's schema, how it is reached, and what each viewer then gets. The suite that reads it
 * (test/integration/access.test.ts) fails on a field that is missing here, and on a row that names no field.
 */
export const ACCESS_TABLE: readonly Row[] = [
  ...USER_ROWS,
  ...ORDER_ROWS,
  ...STOCK_ROWS,
  ...NOTIFICATION_ROWS,
  ...SYNC_ROWS,
  ...DEAD_LETTER_ROWS,
  ...CONSUMER_DEAD_LETTER_ROWS,
];
