import { idOf, type Call } from './calls.ts';
import type { Context } from './context.ts';
import { AMONG, AMONG_UUIDS, BATCH, listed, type Reader } from './readers.ts';

/** Invariants 3, 5 and 6 as far as only clients can tell: what they were acknowledged is there, and they were always told the same. */
export async function checkAttempted(context: Context): Promise<void> {
  const { calls, sheet } = context;
  if (calls === undefined) {
    const why = 'what clients were told, since there is no record of calls (--calls)';
    for (const findings of [sheet.lost, sheet.phantoms, sheet.duplicates, sheet.replays]) findings.leave(why);
    return;
  }
  for (const findings of [sheet.lost, sheet.replays]) findings.look('calls', calls.all.size);
  let batch: Call[] = [];
  for (const call of calls.all.values()) {
    checkStable(context, call);
    batch.push(call);
    if (batch.length < BATCH) continue;
    await checkThere(context, batch);
    batch = [];
  }
  await checkThere(context, batch);
  await checkVersions(context);
}

/** What an order may be told as after it was told as something. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['PENDING', 'CONFIRMED', 'FAILED', 'CANCELLING', 'CANCELLED'],
  CONFIRMED: ['CONFIRMED', 'CANCELLING', 'CANCELLED'],
  FAILED: ['FAILED'],
  CANCELLING: ['CANCELLING', 'CANCELLED'],
  CANCELLED: ['CANCELLED'],
};

/** All answers to one key say the same, at most one of them is the first, and an order's status never goes back. */
function checkStable({ sheet: { replays } }: Context, { field, key, answers, digests }: Call): void {
  const said = new Set(answers.map(({ id, refusals }) => JSON.stringify([id, refusals])));
  const firsts = answers.filter(({ replayed }) => !replayed).length;
  const statuses = answers.flatMap(({ status }) => status ?? []);
  const wentBack = statuses.slice(1).some((status, at) => !(LATER[statuses[at] ?? ''] ?? [status]).includes(status));
  if (said.size > 1) replays.violation(`${field} ${key} was answered in ${said.size} ways: ${[...said].join(' and ')}`);
  if (firsts > 1) replays.violation(`${field} ${key} had ${firsts} answers that are not replays`);
  if (wentBack) replays.violation(`${field} ${key} was told ${statuses.join(', ')}`);
  if (digests.size > 1) replays.violation(`${field} ${key} was answered for ${digests.size} different requests`);
}

interface OrderRow {
  readonly id: string;
  readonly user_id: string;
  readonly status: string;
  readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
}

/** What was acknowledged is there as it was acknowledged. */
async function checkThere({ sources: { databases }, sheet, quiet }: Context, calls: readonly Call[]): Promise<void> {
  const placed = calls.filter(({ field }) => field === 'placeOrder' || field === 'cancelOrder');
  const rows = await databases.order.rows<OrderRow>(
    `SELECT id::text, user_id, status, lines FROM orders WHERE id = ANY(${AMONG_UUIDS})`,
    [listed(placed.flatMap((call) => idOf(call) ?? []))],
  );
  const orders = new Map(rows.map((row) => [row.id, row]));
  for (const call of placed) {
    const wrong = wrongWithOrder(call, orders, quiet);
    if (wrong !== undefined) sheet.lost.violation(wrong);
  }
  const registered = calls.filter(({ field, about }) => field === 'registerUser' && about.email !== undefined);
  const users = await usersWith(
    databases.user,
    registered.flatMap(({ about: { email } }) => email ?? []),
  );
  for (const call of registered) {
    const { email = '' } = call.about;
    const [id, found] = [idOf(call), users.get(email.toLowerCase()) ?? []];
    if (id !== undefined && !found.includes(id))
      sheet.lost.violation(`${email} was acknowledged as ${id}, and is ${found.join(' and ') || 'not there'}`);
  }
}

function wrongWithOrder(call: Call, orders: ReadonlyMap<string, OrderRow>, quiet: boolean): string | undefined {
  const id = idOf(call);
  if (id === undefined) return undefined;
  const { field, key, about } = call;
  const order = orders.get(id);
  if (order === undefined) return `${field} ${key} was acknowledged, and there is no order ${id}`;
  if (about.userId !== undefined && about.userId !== order.user_id)
    return `${id} is an order of ${order.user_id}, not of ${about.userId}`;
  if (field === 'cancelOrder') {
    const taken = order.status === 'CANCELLED' || (!quiet && order.status === 'CANCELLING');
    return taken ? undefined : `${id} was cancelled and is ${order.status}`;
  }
  const text = (lines: OrderRow['lines']): string =>
    JSON.stringify(lines.map(({ productId, quantity }) => [productId, quantity]));
  const same = about.items === undefined || text(about.items) === text(order.lines);
  return same ? undefined : `${id} has other lines than were ordered`;
}

async function usersWith(user: Reader, emails: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await user.rows<{ id: string; email: string }>(
    `SELECT id::text, lower(email) AS email FROM users WHERE lower(email) = ANY(${AMONG})`,
    [listed(emails.map((email) => email.toLowerCase()))],
  );
  return new Map(
    [...Map.groupBy(rows, ({ email }) => email)].map(([email, list]) => [email, list.map(({ id }) => id)]),
  );
}

/** Neither refused nor rejected. */
const mayHaveTakenEffect = (call: Call): boolean =>
  call.mayHaveHappened && (call.answers.length === 0 || idOf(call) !== undefined);

/** A user's version counts its effects: the registration, and each update that asked for something new, once per key. */
async function checkVersions({ calls, sources: { databases }, sheet, quiet }: Context): Promise<void> {
  const made = [...(calls?.all.values() ?? [])].filter(({ field }) => field === 'registerUser').map(idOf);
  const updates = Map.groupBy(
    [...(calls?.all.values() ?? [])].filter(({ field }) => field === 'updateUser' || field === 'setUserStatus'),
    ({ about }) => about.userId ?? '',
  );
  const ids = made.filter((id) => id !== undefined);
  for (let at = 0; at < ids.length; at += BATCH) {
    const rows = await databases.user.rows<{ id: string; version: number }>(
      `SELECT id::text, version FROM users WHERE id = ANY(${AMONG_UUIDS})`,
      [listed(ids.slice(at, at + BATCH))],
    );
    sheet.duplicates.look("users' versions", rows.length);
    for (const { id, version } of rows) {
      const own = updates.get(id) ?? [];
      const least = 1 + own.filter((call) => call.about.changes === true && idOf(call) !== undefined).length;
      const most = 1 + own.filter(mayHaveTakenEffect).length;
      // While calls are made, the record was read before the versions.
      if (quiet && version > most)
        sheet.duplicates.violation(`${id} has version ${version}, though at most ${most} keys had an effect`);
      if (version < least) sheet.lost.violation(`${id} has version ${version}, though ${least} keys had an effect`);
    }
  }
}
