import type { Context } from './context.ts';
import type { Document } from './documents.ts';
import { AMONG, BATCH, FIRST_UUID, inBatches, listed, type Reader } from './readers.ts';

/** What a customer hears of an order, by where it has come to; what is heard is never taken back. */
const HEARD: Readonly<Record<string, readonly string[]>> = {
  PENDING: [],
  CONFIRMED: ['ORDER_CONFIRMED'],
  FAILED: ['ORDER_FAILED'],
  CANCELLING: ['ORDER_CONFIRMED'],
  CANCELLED: ['ORDER_CONFIRMED', 'ORDER_CANCELLED'],
};

interface OrderRow {
  readonly id: string;
  readonly user_id: string;
  readonly status: string;
}

/** Users at a time: everything that they were told, and all their orders, is looked at together. */
const USERS = 100;

/** Invariants 3, 4 and 5 of notifications: one record for each event that a user is to hear of, and none that nothing has caused. */
export async function checkNotices(context: Context): Promise<void> {
  for await (const users of usersIn(context.sources.databases.user)) {
    for (let at = 0; at < users.length; at += USERS) await checkUsers(context, users.slice(at, at + USERS));
  }
  await checkOwners(context);
}

function usersIn(user: Reader): AsyncGenerator<readonly { readonly key: string }[]> {
  return inBatches(FIRST_UUID, (after) =>
    user.rows(`SELECT id::text AS key FROM users WHERE id > $1::uuid ORDER BY id LIMIT ${BATCH}`, [after]),
  );
}

const named = (template: string, userId: string, orderId: string | undefined): string =>
  `${template} to ${userId}${orderId === undefined ? '' : ` about ${orderId}`}`;

/** Messages are somebody's own, made by a call. */
function noticesIn(documents: readonly Document[]): string[] {
  return documents.flatMap(({ body: { notification, call } }) => {
    if (notification == null || call != null) return [];
    const [, orderId] = /Order ([0-9a-f-]{36})/.exec(notification.body) ?? [];
    return [named(notification.template, notification.userId, orderId)];
  });
}

/** Notifications are read first: by what orders have come to later, everything that was told is due. */
async function checkUsers(
  { sources, sheet, quiet }: Context,
  users: readonly { readonly key: string }[],
): Promise<void> {
  const ids = users.map(({ key }) => key);
  const made = noticesIn(await sources.documents.ofUsers(ids));
  const orders = await sources.databases.order.rows<OrderRow>(
    `SELECT id::text, user_id, status FROM orders WHERE user_id = ANY(${AMONG})`,
    [listed(ids)],
  );
  const due = [
    ...ids.map((id) => named('WELCOME', id, undefined)),
    ...orders.flatMap(({ id, user_id: userId, status }) =>
      (HEARD[status] ?? []).map((template) => named(template, userId, id)),
    ),
  ];
  const [there, wanted] = [new Set(made), new Set(due)];
  for (const findings of [sheet.phantoms, sheet.duplicates]) findings.look('notifications', made.length);
  if (quiet) {
    sheet.lost.look('notifications due', due.length);
    for (const one of due) if (!there.has(one)) sheet.lost.violation(`nobody was sent ${one}`);
  }
  for (const one of there) if (!wanted.has(one)) sheet.phantoms.violation(`nothing has caused ${one}`);
  for (const [one, list] of Map.groupBy(made, (text) => text))
    if (list.length > 1) sheet.duplicates.violation(`${one} was made ${list.length} times`);
}

/** Nobody is told anything who is no user. */
async function checkOwners({ sources, sheet }: Context): Promise<void> {
  for await (const documents of sources.documents.batches('notifications')) {
    const owners = documents.flatMap(({ body: { notification } }) => notification?.userId ?? []);
    const users = await sources.source('USER').find(owners);
    for (const owner of new Set(owners))
      if (!users.has(owner)) sheet.phantoms.violation(`there is no user ${owner}, who was notified`);
  }
}
