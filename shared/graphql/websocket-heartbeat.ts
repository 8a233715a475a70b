import type { WebSocket } from 'ws';

/** One beat of all sockets at once would hold up everything else; a twelfth of them at a time does not. */
const PARTS = 12;

interface Watched {
  /** The part of the period in which it is pinged. */
  readonly part: number;
  answered: boolean;
}

/** Pings every socket once in a period, by one timer for all, and ends those that have not answered until their next ping. */
export class WebSocketHeartbeat {
  readonly #watched = new Map<WebSocket, Watched>();
  readonly #timer: NodeJS.Timeout;
  #part = 0;

  constructor(periodMs: number) {
    this.#timer = setInterval(() => this.#beat(), periodMs / PARTS).unref();
  }

  /** Looks after a socket until it closes. */
  watch(socket: WebSocket): void {
    const watched: Watched = { part: this.#part, answered: true };
    this.#watched.set(socket, watched);
    socket.on('pong', () => (watched.answered = true));
    socket.once('close', () => this.#watched.delete(socket));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    this.#part = (this.#part + 1) % PARTS;
    for (const [socket, watched] of this.#watched) {
      if (watched.part !== this.#part) continue;
      if (watched.answered) socket.ping();
      else socket.terminate();
      watched.answered = false;
    }
  }
}
