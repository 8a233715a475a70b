import type { WebSocket } from 'ws';

/** One beat of all sockets at once would hold up everything else; a twelfth of them at a time does not. */
const PARTS = 12;
/**
 * A client cannot answer a ping before it has taken what was sent before: while its connection is full of that, so many pings may stay
 * without an answer. That is longer than its streams wait for it, which tell it why they end.
 */
const MOST_EXCUSED = 4;

interface Watched {
  /** The part of the period in which it is pinged. */
  readonly part: number;
  answered: boolean;
  /** How often it was given longer for the same ping. */
  excused: number;
}

/** Pings every socket once in a period, by one timer for all, and ends those that have not answered until their next ping. A full connection is given longer. */
export class WebSocketHeartbeat {
  readonly #watched = new Map<WebSocket, Watched>();
  readonly #timer: NodeJS.Timeout;
  #part = 0;

  constructor(periodMs: number) {
    this.#timer = setInterval(() => this.#beat(), periodMs / PARTS).unref();
  }

  /** Looks after a socket until it closes. */
  watch(socket: WebSocket): void {
    const watched: Watched = { part: this.#part, answered: true, excused: 0 };
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
      beat(socket, watched);
    }
  }
}

function beat(socket: WebSocket, watched: Watched): void {
  if (watched.answered) {
    socket.ping();
    watched.answered = false;
    watched.excused = 0;
  } else if (socket.bufferedAmount > 0 && watched.excused < MOST_EXCUSED) watched.excused += 1;
  else socket.terminate();
}
