import type { RequestContext } from '#shared/graphql/context.ts';
import { identityOf } from './identity.ts';

export interface SubscriptionLimits {
  /** Subscriptions at the same time. */
  readonly inAll: number;
  /** Subscriptions of one identity at the same time; of one network address for those who have not signed in. */
  readonly perClient: number;
}

interface Applicant {
  readonly context: RequestContext;
  readonly address: string;
}

/** Lets in as many as the limits allow. */
export class Admission {
  readonly #limits: SubscriptionLimits;
  readonly #clients = new Map<string, number>();
  #all = 0;

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits;
  }

  /** Lets one more in; the result, called once, lets them out again. Undefined when there are too many. */
  enter({ context, address }: Applicant): (() => void) | undefined {
    const identity = identityOf(context);
    const client = identity === 'anonymous' ? `anonymous ${address}` : identity;
    const own = this.#clients.get(client) ?? 0;
    if (this.#all >= this.#limits.inAll || own >= this.#limits.perClient) return undefined;
    this.#all += 1;
    this.#clients.set(client, own + 1);
    return () => this.#leave(client);
  }

  #leave(client: string): void {
    this.#all -= 1;
    const others = (this.#clients.get(client) ?? 1) - 1;
    if (others === 0) this.#clients.delete(client);
    else this.#clients.set(client, others);
  }
}
