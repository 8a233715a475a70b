import type { OrderStatus } from '#order/domain/order.ts';
import type { OperationType, ReservationState } from '#inventory/domain/reservation.ts';
import type { LoggedEvent } from './invariants.ts';

/** What a client did and heard under one idempotency key. */
export interface ShopCall {
  readonly field: 'placeOrder' | 'cancelOrder';
  readonly key: string;
  readonly userId: string;
  /** What was ordered; orders only. */
  readonly items?: readonly Line[];
  /** What was to be cancelled; cancellations only. */
  readonly orderId?: string;
  /** All answers, in the order they came. Without any, nobody knows whether the call had its effect. */
  readonly answers: readonly ShopAnswer[];
}

export interface ShopAnswer {
  /** Null when it was refused. */
  readonly order: { readonly id: string; readonly status: OrderStatus } | null;
  readonly replayed: boolean;
  /** Of a refused call; an order's failure is the order's. */
  readonly refusals: readonly string[];
}

interface Line {
  readonly productId: string;
  readonly quantity: number;
}

interface OrderRow {
  readonly id: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly version: number;
  readonly lines: readonly (Line & { readonly unitPrice: number | null })[];
}

interface OperationRow extends Line {
  readonly orderId: string | null;
  readonly type: OperationType;
  readonly unitPrice: number | null;
}

/** A record as its source or a copy holds it. */
interface Copy {
  readonly id: string;
  readonly version: number;
  readonly content: string;
}

/** A kind of record on its way from the source to its copies. */
export interface Stream {
  readonly source: readonly Copy[];
  readonly replicas: readonly Copy[];
  readonly outbox: readonly LoggedEvent[];
  /** The same log as the bus keeps it. */
  readonly bus: readonly LoggedEvent[];
  /** What sync has told of the records at its target. */
  readonly told: readonly LoggedEvent[];
}

/** Everything that the shop's invariants are about. */
export interface ShopFacts {
  readonly calls: readonly ShopCall[];
  readonly orders: readonly OrderRow[];
  /** The order service's keys; `orderId` is null when the call was refused. */
  readonly keys: readonly { readonly field: string; readonly key: string; readonly orderId: string | null }[];
  readonly reservations: readonly {
    readonly orderId: string;
    readonly state: ReservationState;
    readonly overdue: boolean;
  }[];
  readonly operations: readonly OperationRow[];
  readonly products: readonly { readonly id: string; readonly available: number; readonly held: number }[];
  readonly streams: Readonly<Record<'orders' | 'products', Stream>>;
}

const orderOf = ({ answers }: ShopCall): string | undefined => answers.find(({ order }) => order !== null)?.order?.id;
const refused = (call: ShopCall): boolean => call.answers.length > 0 && orderOf(call) === undefined;
const sum = (rows: readonly { readonly quantity: number }[]): number =>
  rows.reduce((total, { quantity }) => total + quantity, 0);

/** Pieces of a product by what became of them, recomputed from the audit trail: not from the counters that a CHECK guards. */
function pieces({ operations }: ShopFacts, product: string): Record<'stocked' | 'holding' | 'left', number> {
  const of = (...types: OperationType[]): number =>
    sum(operations.filter(({ productId, type }) => productId === product && types.includes(type)));
  return {
    stocked: of('ADJUST'),
    holding: of('RESERVE') - of('CONFIRM', 'RELEASE', 'EXPIRE'),
    left: of('CONFIRM') - of('RETURN'),
  };
}

/** §7.1, from the audit trail and from the orders' own lines. */
function neverOversold(facts: ShopFacts): string[] {
  return facts.products.flatMap(({ id }) => {
    const { stocked, holding, left } = pieces(facts, id);
    const sold = sum(
      facts.orders
        .filter(({ status }) => status === 'CONFIRMED' || status === 'CANCELLING')
        .flatMap(({ lines }) => lines.filter(({ productId }) => productId === id)),
    );
    const taken = Math.max(sold, holding + left);
    return taken > stocked ? [`${taken} of ${id} were taken, of ${stocked} there were`] : [];
  });
}

/** §7.2 */
function conserved(facts: ShopFacts): string[] {
  return facts.products.flatMap(({ id, available, held }) => {
    const { stocked, holding, left } = pieces(facts, id);
    return held === holding && available + held + left === stocked
      ? []
      : [
          `of ${id} ${available} are available and ${held} held; by the audit trail ${stocked} came, ${holding} are held, ${left} left`,
        ];
  });
}

/** §7.3: what was acknowledged is there as it was acknowledged. */
function nothingLost({ calls, orders }: ShopFacts): string[] {
  const byId = new Map(orders.map((order) => [order.id, order]));
  const text = (lines: readonly Line[]): string =>
    JSON.stringify(lines.map(({ productId, quantity }) => [productId, quantity]));
  return calls.flatMap((call) => {
    const id = orderOf(call);
    if (id === undefined) return [];
    const order = byId.get(id);
    if (order === undefined) return [`${call.field} ${call.key} was acknowledged, and there is no order ${id}`];
    if (order.userId !== call.userId) return [`${id} is an order of ${order.userId}, not of ${call.userId}`];
    if (call.field === 'cancelOrder')
      return order.status === 'CANCELLED' ? [] : [`${id} was cancelled and is ${order.status}`];
    return text(call.items ?? []) === text(order.lines) ? [] : [`${id} has other lines than were ordered`];
  });
}

/** §7.4: nothing exists that nobody attempted, or that was refused. */
function noPhantoms({ calls, orders, keys, reservations }: ShopFacts): string[] {
  const attempted = new Map(calls.map((call) => [`${call.field} ${call.key}`, call]));
  const made = new Set(keys.filter(({ field }) => field === 'placeOrder').map(({ orderId }) => orderId));
  const cancelled = new Set(calls.filter(({ field }) => field === 'cancelOrder').map(({ orderId }) => orderId));
  const ids = new Set(orders.map(({ id }) => id));
  return [
    ...keys
      .filter(({ field, key }) => !attempted.has(`${field} ${key}`))
      .map(({ field, key }) => `nobody called ${field} with ${key}`),
    ...keys.flatMap(({ field, key, orderId }) => {
      const call = attempted.get(`${field} ${key}`);
      return orderId !== null && call !== undefined && refused(call)
        ? [`${field} ${key} was refused and had an effect`]
        : [];
    }),
    ...orders.filter(({ id }) => !made.has(id)).map(({ id }) => `no key made the order ${id}`),
    ...orders
      .filter(({ id, status }) => (status === 'CANCELLING' || status === 'CANCELLED') && !cancelled.has(id))
      .map(({ id }) => `nobody cancelled ${id}`),
    ...reservations
      .filter(({ orderId }) => !ids.has(orderId))
      .map(({ orderId }) => `there is no order of the reservation ${orderId}`),
  ];
}

/** How many versions an order has at each status. */
const VERSIONS: Readonly<Record<OrderStatus, number>> = {
  PENDING: 1,
  CONFIRMED: 2,
  FAILED: 2,
  CANCELLING: 3,
  CANCELLED: 4,
};

/** §7.5: one order per key, one step of a kind per line of an order. */
function oneEffectPerKey({ orders, keys, operations }: ShopFacts): string[] {
  const placed = keys.flatMap(({ field, orderId }) => (field === 'placeOrder' && orderId !== null ? [orderId] : []));
  const steps = operations.flatMap(({ orderId, productId, type }) =>
    orderId === null ? [] : [`${type} of ${productId} for ${orderId}`],
  );
  return [
    ...repeated(placed).map((id) => `two keys made the order ${id}`),
    ...(placed.length === orders.length ? [] : [`${placed.length} keys made ${orders.length} orders`]),
    ...repeated(steps).map((step) => `${step} happened twice`),
    ...orders
      .filter(({ status, version }) => version !== VERSIONS[status])
      .map(({ id, status, version }) => `${id} is ${status} at version ${version}`),
  ];
}

function repeated(texts: readonly string[]): string[] {
  return [...Map.groupBy(texts, (text) => text)].filter(([, list]) => list.length > 1).map(([text]) => text);
}

/** What an order may be told as after it was told as something. */
const LATER: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PENDING: ['PENDING', 'CONFIRMED', 'FAILED', 'CANCELLING', 'CANCELLED'],
  CONFIRMED: ['CONFIRMED', 'CANCELLING', 'CANCELLED'],
  FAILED: ['FAILED'],
  CANCELLING: ['CANCELLING', 'CANCELLED'],
  CANCELLED: ['CANCELLED'],
};

/** §7.6: the same order or refusals in all answers to one key, and an order's status never goes back. */
function stableReplays({ calls }: ShopFacts): string[] {
  return calls.flatMap(({ field, key, answers }) => {
    const said = new Set(answers.map(({ order, refusals }) => JSON.stringify([order?.id, refusals])));
    const firsts = answers.filter(({ replayed }) => !replayed).length;
    const statuses = answers.flatMap(({ order }) => order?.status ?? []);
    const back = statuses.slice(1).filter((status, at) => !LATER[statuses[at] ?? status].includes(status));
    return [
      ...(said.size > 1 ? [`${field} ${key} was answered in ${said.size} ways: ${[...said].join(' and ')}`] : []),
      ...(firsts > 1 ? [`${field} ${key} had ${firsts} answers that are not replays`] : []),
      ...(back.length > 0 ? [`${field} ${key} was told ${statuses.join(', ')}`] : []),
    ];
  });
}

/** What the steps of each line and the state of the reservation must be, by the order's status; the first is of an order that never reserved. */
const AGREEING: Readonly<Record<OrderStatus, readonly string[]>> = {
  PENDING: [],
  CONFIRMED: ['CONFIRMED RESERVE CONFIRM'],
  FAILED: ['absent', 'RELEASED', 'RELEASED RESERVE RELEASE', 'EXPIRED RESERVE EXPIRE'],
  CANCELLING: [],
  CANCELLED: ['RETURNED RESERVE CONFIRM RETURN'],
};

/** §7.7 */
function sagaAgreement({ orders, reservations, operations }: ShopFacts): string[] {
  const states = new Map(reservations.map(({ orderId, state }) => [orderId, state]));
  const byLine = Map.groupBy(operations, ({ orderId, productId }) => `${orderId} ${productId}`);
  const overdue = reservations.filter(({ state, overdue: late }) => state === 'HELD' && late);
  return [
    ...overdue.map(({ orderId }) => `the stock of ${orderId} is held past its time`),
    ...orders.flatMap(({ id, status, lines }) =>
      lines.flatMap(({ productId, quantity, unitPrice }) => {
        const steps = byLine.get(`${id} ${productId}`) ?? [];
        const stands = [states.get(id) ?? 'absent', ...steps.map(({ type }) => type)].join(' ');
        const price = status === 'FAILED' ? null : (steps[0]?.unitPrice ?? null);
        const differs = steps.some((step) => step.quantity !== quantity) || price !== unitPrice;
        if (!AGREEING[status].includes(stands)) return [`${id} is ${status}, its ${productId} ${stands}`];
        return differs ? [`the ${productId} of ${id} differ between order and stock`] : [];
      }),
    ),
  ];
}

/** §7.8: copies equal the source. */
function converged({ streams }: ShopFacts): string[] {
  const text = ({ id, version, content }: Copy): string => `${id} at ${version}: ${content}`;
  return Object.entries(streams).flatMap(([name, { source, replicas }]) => {
    const [there, copied] = [new Set(source.map(text)), new Set(replicas.map(text))];
    return [
      ...[...there].filter((record) => !copied.has(record)).map((record) => `the copy of ${name} lacks ${record}`),
      ...[...copied].filter((record) => !there.has(record)).map((record) => `the copy of ${name} holds ${record}`),
    ];
  });
}

/** §7.8: the source's log and the bus tell every version once and in order; what sync tells never goes back. */
function inOrder({ streams }: ShopFacts): string[] {
  return Object.entries(streams).flatMap(([name, { source, outbox, bus, told }]) => {
    const versionsIn = (log: readonly LoggedEvent[], id: string): string =>
      String(log.filter(({ subject }) => subject === id).map(({ version }) => version));
    return source.flatMap(({ id, version }) => {
      const all = String(Array.from({ length: version }, (_, at) => at + 1));
      const seen = told.filter(({ subject }) => subject === id).map((event) => event.version);
      return [
        ...(versionsIn(outbox, id) === all ? [] : [`the outbox tells ${versionsIn(outbox, id)} of ${name} ${id}`]),
        ...(versionsIn(bus, id) === all ? [] : [`the bus tells ${versionsIn(bus, id)} of ${name} ${id}`]),
        ...(seen.every((one, at) => one >= (seen[at - 1] ?? 0)) ? [] : [`sync told ${String(seen)} of ${name} ${id}`]),
        ...(seen.at(-1) === version
          ? []
          : [`sync told last of version ${seen.at(-1)} of ${name} ${id}, not ${version}`]),
      ];
    });
  });
}

const INVARIANTS = {
  'nothing is oversold': neverOversold,
  'stock is conserved': conserved,
  'nothing acknowledged is lost': nothingLost,
  'nothing exists that nobody asked for': noPhantoms,
  'one effect per key and line': oneEffectPerKey,
  'replays are stable': stableReplays,
  'order and stock agree': sagaAgreement,
  'copies equal the source': converged,
  'records never go back': inOrder,
} as const;

export type ShopInvariant = keyof typeof INVARIANTS;

/** What is wrong with a quiet shop, each breach as a sentence behind its invariant: 1 to 8 of EXACTLY-ONCE §7. */
export function shopBreachesOf(facts: ShopFacts): string[] {
  return Object.entries(INVARIANTS).flatMap(([name, check]) => check(facts).map((breach) => `${name}: ${breach}`));
}
