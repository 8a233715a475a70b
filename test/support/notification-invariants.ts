import type { Template } from '#notification/domain/notification.ts';
import type { OrderStatus } from '#order/domain/order.ts';

interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** Everything that the invariants of notifications are about. */
export interface NotificationFacts {
  readonly users: readonly Versioned[];
  /** The notification service's copies of them. */
  readonly profiles: readonly Versioned[];
  readonly orders: readonly { readonly id: string; readonly userId: string; readonly status: OrderStatus }[];
  readonly notifications: readonly {
    readonly template: Template;
    readonly userId: string;
    /** The order it names; null when it names none. */
    readonly orderId: string | null;
  }[];
  /** Documents that still have something to tell or to deliver. */
  readonly unfinished: number;
}

/** What a customer hears of an order, by where it has ended. */
const HEARD: Readonly<Record<OrderStatus, readonly Template[]>> = {
  PENDING: [],
  CONFIRMED: ['ORDER_CONFIRMED'],
  FAILED: ['ORDER_FAILED'],
  CANCELLING: ['ORDER_CONFIRMED'],
  CANCELLED: ['ORDER_CONFIRMED', 'ORDER_CANCELLED'],
};

const named = (template: string, userId: string, orderId: string | null): string =>
  `${template} to ${userId}${orderId === null ? '' : ` about ${orderId}`}`;

/** What is wrong with the notifications of a quiet system: EXACTLY-ONCE §7.5 (one record per event and channel), §7.3, §7.4 and §7.8. */
export function notificationBreachesOf(facts: NotificationFacts): string[] {
  const { users, profiles, orders, notifications, unfinished } = facts;
  const wanted = [
    ...users.map(({ id }) => named('WELCOME', id, null)),
    ...orders.flatMap(({ id, userId, status }) => HEARD[status].map((template) => named(template, userId, id))),
  ];
  const made = notifications.map(({ template, userId, orderId }) => named(template, userId, orderId));
  const [there, due] = [new Set(made), new Set(wanted)];
  const copies = new Map(profiles.map(({ id, version }) => [id, version]));
  return [
    ...wanted.filter((one) => !there.has(one)).map((one) => `nobody was sent ${one}`),
    ...made.filter((one) => !due.has(one)).map((one) => `nothing has caused ${one}`),
    ...[...Map.groupBy(made, (one) => one)]
      .filter(([, list]) => list.length > 1)
      .map(([one, list]) => `${one} was made ${list.length} times`),
    ...users
      .filter(({ id, version }) => copies.get(id) !== version)
      .map(({ id, version }) => `the profile of ${id} is at ${copies.get(id) ?? 'nothing'}, the user at ${version}`),
    ...(profiles.length > users.length ? [`${profiles.length} profiles of ${users.length} users`] : []),
    ...(unfinished > 0 ? [`${unfinished} documents still have something to tell or to deliver`] : []),
  ];
}
