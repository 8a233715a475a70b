import type { Duplex } from 'node:stream';

/** How many sockets may be open at once. */
export interface SocketLimits {
  readonly sockets?: number | undefined;
  /** From one network address: that of a proxy, where there is one in between. */
  readonly socketsPerAddress?: number | undefined;
}

/** An idle socket with a subscription takes some 22 KB (measured): together half a gigabyte. */
const MOST_SOCKETS = 20_000;
/** A school or an office behind one address, and still far from all there are; behind a proxy of one's own it is to be raised. */
const MOST_SOCKETS_PER_ADDRESS = 2_000;
/** Soon enough for whoever waits at the door, rare enough for a server that is full. */
const RETRY_AFTER_S = 10;

/** Counts the sockets that are open. */
export class SocketDoors {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #perAddress = new Map<string, number>();
  #open = 0;

  constructor({ sockets = MOST_SOCKETS, socketsPerAddress = MOST_SOCKETS_PER_ADDRESS }: SocketLimits) {
    this.#most = sockets;
    this.#mostPerAddress = socketsPerAddress;
  }

  get open(): number {
    return this.#open;
  }

  admits(address: string): boolean {
    return this.#open < this.#most && (this.#perAddress.get(address) ?? 0) < this.#mostPerAddress;
  }

  enter(address: string): void {
    this.#open += 1;
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  leave(address: string): void {
    this.#open -= 1;
    const left = (this.#perAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}

const REFUSALS = {
  404: '404 Not Found',
  503: `503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER_S}`,
};

/** Answers an upgrade that is not carried out, and closes its connection. */
export function refuseUpgrade(connection: Duplex, status: keyof typeof REFUSALS): void {
  // Node no longer listens on an upgraded connection, and a client that has gone meanwhile is no fault of ours.
  connection.on('error', () => connection.destroy());
  // A client that keeps its half open would keep the server from stopping.
  connection.once('finish', () => connection.destroy());
  connection.end(`HTTP/1.1 ${REFUSALS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
