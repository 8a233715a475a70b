import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AppClient } from './client.ts';
import {
  NotificationStatus,
  OrderStatus,
  SyncEntity,
  type NotificationReceivedSubscription,
  type RecordSyncedSubscription,
} from './generated/graphql.ts';
import { LiveStream, PATIENCE_MS } from './live-stream.ts';
import {
  AwaitSync,
  BrowseProducts,
  CancelOrder,
  MarkNotificationRead,
  MyNotifications,
  MyOrders,
  NotificationReceived,
  OrderNow,
  PlaceOrder,
  RecordSynced,
  RegisterUser,
} from './operations.ts';
import { DemoFailure, type Stage } from './stage.ts';

/** What every step works with. */
export interface Walk {
  readonly stage: Stage;
  readonly client: AppClient;
  /** Whose token the client sends from now on. */
  readonly signIn: (token: string) => void;
}

type Synced = RecordSyncedSubscription['recordSynced'];
type Received = NotificationReceivedSubscription['notificationReceived'];
type OrderState = Pick<Order, 'id' | 'status' | 'message' | 'version'>;

interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  readonly message: string;
  readonly version: number;
  readonly targets: readonly string[];
}

/** Every step in its order. Throws a {@link DemoFailure} at the first claim that does not hold. */
export async function walkThrough(walk: Walk): Promise<void> {
  const user = await registerUser(walk);
  using synced = watchRecords(walk);
  using received = watchNotifications(walk);
  await seeUserArrive(walk, user);
  const productId = await browseProducts(walk);
  const order = await placeOrderTwice(walk, productId);
  const cancelled = await cancelOrder(walk, order);
  await seeOrderArrive(walk, { ...order, ...cancelled }, synced);
  await readNotifications(walk, received);
}

async function registerUser({ stage, client, signIn }: Walk): Promise<{ id: string; version: number }> {
  stage.step('Register a user');
  const email = `ada.${randomUUID()}@example.com`;
  const input = { firstName: 'Ada', lastName: 'Lovelace', email, password: randomUUID() };
  const variables = { input, idempotencyKey: randomUUID() };
  stage.sends(RegisterUser, variables);
  const { registerUser: payload } = await client.mutate(RegisterUser, variables);
  const user = present(payload?.user, 'the user is registered', payload?.userErrors);
  stage.answered(`${user.name}, user ${user.id}, version ${user.version}`);
  signIn(present(payload?.token, 'the answer carries a token'));
  stage.claim('the user is new, and signed in by the token of the answer', user.version === 1);
  return user;
}

/** Tells of every record of the user's that reaches a target, for as long as the walk goes on. */
function watchRecords({ stage, client }: Walk): LiveStream<Synced> {
  async function* records(signal: AbortSignal): AsyncGenerator<Synced> {
    for await (const { recordSynced } of client.subscribe(RecordSynced, {}, signal)) yield recordSynced;
  }
  return new LiveStream(records, ({ entity, recordId, target, targetVersion, state }) =>
    stage.live(`${entity.toLowerCase()} ${recordId}: ${target} holds version ${targetVersion ?? 'none'} (${state})`),
  );
}

/** Tells of every notification that the user gets. */
function watchNotifications({ stage, client }: Walk): LiveStream<Received> {
  async function* notifications(signal: AbortSignal): AsyncGenerator<Received> {
    for await (const { notificationReceived } of client.subscribe(NotificationReceived, {}, signal))
      yield notificationReceived;
  }
  return new LiveStream(notifications, ({ subject, channel }) =>
    stage.live(`notification by ${channel.toLowerCase()}: ${subject}`),
  );
}

async function seeUserArrive({ stage, client }: Walk, { id, version }: { id: string; version: number }): Promise<void> {
  stage.step('See the user reach every target');
  const variables = { entity: SyncEntity.User, id, version };
  stage.sends(AwaitSync, variables);
  const reached: string[] = [];
  const patience = AbortSignal.timeout(PATIENCE_MS);
  // The stream ends when every target holds the version, or with our patience.
  for await (const { awaitSync } of client.subscribe(AwaitSync, variables, patience)) {
    stage.answered(`${awaitSync.target} holds version ${awaitSync.targetVersion ?? 'none'}`);
    if ((awaitSync.targetVersion ?? 0) >= version) reached.push(awaitSync.target);
  }
  stage.claim(`the user has reached ${reached.join(', ') || 'no target'}`, reached.length > 0 && !patience.aborted);
}

async function browseProducts({ stage, client }: Walk): Promise<string> {
  stage.step('Browse products');
  stage.sends(BrowseProducts, {});
  const { products } = await client.request(BrowseProducts, {});
  const found = (products?.edges ?? []).map(({ node }) => node);
  stage.answered(`${found.length} products`);
  for (const { id, name, available, price } of found)
    stage.say(`     ${id}  ${name.padEnd(22)} ${money(price).padStart(10)}  ${available} available`);
  return present(
    found.find(({ available }) => available > 0),
    'something can be ordered',
  ).id;
}

/** As a client does that never got its first answer: with the same key. */
async function placeOrderTwice({ stage, client }: Walk, productId: string): Promise<Order> {
  stage.step('Place an order');
  const variables = { input: { items: [{ productId, quantity: 1 }] }, idempotencyKey: randomUUID() };
  stage.sends(PlaceOrder, variables);
  const first = (await client.mutate(PlaceOrder, variables)).placeOrder;
  const placed = present(first?.order, 'the order is placed', first?.userErrors);
  stage.answered(`order ${placed.id}: ${placed.message}${placed.total === null ? '' : ` ${money(placed.total)}`}`);
  const targets = (placed.syncState ?? []).map(({ target }) => target);
  const order = await decided({ stage, client }, placed);
  stage.claim('the order is confirmed', order.status === OrderStatus.Confirmed);

  stage.step('Place it again with the same key, as after a lost answer');
  stage.sends(PlaceOrder, variables);
  const second = (await client.mutate(PlaceOrder, variables)).placeOrder;
  stage.answered(`order ${second?.order?.id ?? 'none'}, replayed: ${second?.replayed ?? false}`);
  stage.claim('the second answer is the first one, replayed', second?.replayed === true);
  stage.claim('it names the same order', second?.order?.id === placed.id);
  const key = { key: variables.idempotencyKey };
  stage.sends(MyOrders, key);
  const { orders, orderByIdempotencyKey } = await client.request(MyOrders, key);
  const mine = (orders?.edges ?? []).map(({ node }) => node.id);
  stage.answered(`${mine.length} order`);
  stage.claim('there is one order', mine.length === 1 && mine[0] === placed.id);
  stage.claim('the key finds it too', orderByIdempotencyKey?.id === placed.id);
  return { ...order, targets };
}

async function cancelOrder({ stage, client }: Walk, { id, version }: Order): Promise<OrderState> {
  stage.step('Cancel it');
  const variables = { input: { id }, idempotencyKey: randomUUID() };
  stage.sends(CancelOrder, variables);
  const { cancelOrder: payload } = await client.mutate(CancelOrder, variables);
  const answered = present(payload?.order, 'the order can be cancelled', payload?.userErrors);
  stage.answered(`${answered.status}: ${answered.message}`);
  const order = await decided({ stage, client }, answered);
  stage.claim(
    `the order is cancelled, in version ${order.version}`,
    order.status === OrderStatus.Cancelled && order.version > version,
  );
  return order;
}

async function seeOrderArrive({ stage }: Walk, order: Order, synced: LiveStream<Synced>): Promise<void> {
  stage.step('See the order reach every target');
  const sentence = `version ${order.version} of the order has reached ${order.targets.join(', ') || 'no target'}, told live`;
  await synced.until(sentence, (seen) =>
    order.targets.every((target) =>
      seen.some(
        (one) => one.recordId === order.id && one.target === target && (one.targetVersion ?? 0) >= order.version,
      ),
    ),
  );
  stage.answered('since the cancellation was sent');
  stage.claim(sentence, order.targets.length > 0);
}

async function readNotifications({ stage, client }: Walk, received: LiveStream<Received>): Promise<void> {
  stage.step('See the notifications come');
  const expected = ['Your order is confirmed', 'Your order is cancelled'];
  const sentence = 'the user was told live that the order is confirmed and that it is cancelled';
  await received.until(sentence, (seen) => expected.every((subject) => seen.some((one) => one.subject === subject)));
  stage.claim(sentence, true);
  stage.sends(MyNotifications, {});
  const { me } = await client.request(MyNotifications, {});
  const mine = (me?.notifications?.edges ?? []).map(({ node }) => node);
  stage.answered(`${me?.unreadCount ?? 'none'} unread`);
  for (const { subject, channel, status } of mine)
    stage.say(`     ${subject.padEnd(32)} ${channel.padEnd(7)} ${status}`);
  const welcomed = mine.some(({ subject }) => subject.startsWith('Welcome'));
  stage.claim('each came once, after the welcome', mine.length === expected.length + 1 && welcomed);

  const unread = present(mine[0], 'there is a notification to read');
  const variables = { input: { id: unread.id }, idempotencyKey: randomUUID() };
  stage.sends(MarkNotificationRead, variables);
  const { markNotificationRead: payload } = await client.mutate(MarkNotificationRead, variables);
  const read = present(payload?.notification, 'the notification can be read', payload?.userErrors);
  stage.answered(read.status);
  stage.claim('what is read is read', read.status === NotificationStatus.Read);
}

const ASK_AGAIN_MS = 200;

/** An order that waits for inventory completes by itself; this waits for it. */
async function decided({ stage, client }: Omit<Walk, 'signIn'>, order: OrderState): Promise<OrderState> {
  const waiting: readonly OrderStatus[] = [OrderStatus.Pending, OrderStatus.Cancelling];
  const deadline = performance.now() + PATIENCE_MS;
  let now = order;
  while (waiting.includes(now.status) && performance.now() < deadline) {
    await pause(ASK_AGAIN_MS);
    now = present((await client.request(OrderNow, { id: order.id })).order, 'the order is still there');
  }
  if (now !== order) stage.answered(`${now.status}: ${now.message}`);
  return now;
}

/** The value; throws what was refused, or what does not hold, when there is none. */
function present<Value>(
  value: Value | null | undefined,
  sentence: string,
  refusals: readonly { readonly code: string; readonly message: string }[] = [],
): Value {
  if (value != null) return value;
  const reasons = refusals.map(({ code, message }) => ` ${code}: ${message}`).join('');
  throw new DemoFailure(`This does not hold: ${sentence}.${reasons}`);
}

function money({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
