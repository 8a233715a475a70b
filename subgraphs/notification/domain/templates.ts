import type { Channel, Message, Template } from './notification.ts';

/** What an order's notification is written from. */
export interface OrderFacts {
  readonly id: string;
  readonly userId: string;
  readonly lines: readonly {
    readonly productId: string;
    readonly quantity: number;
    /** Minor units; null until confirmed. */
    readonly unitPrice: number | null;
  }[];
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly currency: string;
}

/** A message that an event causes; its id follows from the event and the channel. */
export type Draft = Omit<Message, 'id'>;

/** Over which channels each template goes out; an event makes one notification for each. */
const CHANNELS_OF: Readonly<Record<Exclude<Template, 'MESSAGE'>, readonly Channel[]>> = {
  WELCOME: ['EMAIL'],
  ORDER_CONFIRMED: ['IN_APP'],
  ORDER_FAILED: ['IN_APP'],
  ORDER_CANCELLED: ['IN_APP'],
};

export function welcome({ userId, firstName }: { readonly userId: string; readonly firstName: string }): Draft[] {
  return drafts('WELCOME', userId, {
    subject: `Welcome to Lockstep, ${firstName}`,
    body: `Hello ${firstName},\n\nyour account is ready. We are glad that you are here.\n`,
  });
}

/** The order events that a customer hears of. */
export const ORDER_EVENT_TYPES = ['order.confirmed', 'order.failed', 'order.cancelled'] as const;
export type OrderEventType = (typeof ORDER_EVENT_TYPES)[number];

export function ofOrder(type: OrderEventType, order: OrderFacts): Draft[] {
  switch (type) {
    case 'order.confirmed':
      return drafts('ORDER_CONFIRMED', order.userId, {
        subject: 'Your order is confirmed',
        body: `${itemised(order)}\nTotal: ${money(totalOf(order), order.currency)}\n\nOrder ${order.id}\n`,
      });
    case 'order.failed':
      return drafts('ORDER_FAILED', order.userId, {
        subject: 'Your order could not be fulfilled',
        body: `${order.failure?.message ?? 'It could not be fulfilled.'} Nothing was charged.\n\n${itemised(order)}\nOrder ${order.id}\n`,
      });
    case 'order.cancelled':
      return drafts('ORDER_CANCELLED', order.userId, {
        subject: 'Your order is cancelled',
        body: `${itemised(order)}\nOrder ${order.id}\n`,
      });
  }
}

function drafts(
  template: Exclude<Template, 'MESSAGE'>,
  userId: string,
  text: { readonly subject: string; readonly body: string },
): Draft[] {
  return CHANNELS_OF[template].map((channel) => ({ userId, channel, template, ...text }));
}

/** One line of text for each line of the order. */
function itemised({ lines, currency }: OrderFacts): string {
  return lines
    .map(({ productId, quantity, unitPrice }) => {
      const price = unitPrice === null ? '' : ` at ${money(unitPrice, currency)}`;
      return `${quantity} × ${productId}${price}\n`;
    })
    .join('');
}

function totalOf({ lines }: OrderFacts): number {
  return lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * (unitPrice ?? 0), 0);
}

/** An amount of minor units as people write it: `$1,499.00`. */
function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
