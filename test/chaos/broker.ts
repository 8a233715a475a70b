import { startNatsServer, type NatsProgram, type NatsServer } from '../support/nats-server.ts';
import { send } from './replica.ts';

/** NATS, as something that is killed, paused and set back. */
export interface Broker extends AsyncDisposable {
  readonly kills: number;
  /** How often its streams were set back. */
  readonly setBacks: number;
  /** Ends the server without a word, keeps a copy of its store, and starts it again. */
  kill(): Promise<void>;
  /** Ends it, puts the last copy of its store in place, and starts it again: what it acknowledged since is gone. */
  setBack(): Promise<void>;
  pause(): void;
  resume(): void;
}

export async function openBroker(program: NatsProgram, port: number): Promise<Broker> {
  const server: NatsServer = await startNatsServer(program, { port });
  let kills = 0;
  let setBacks = 0;
  const again = async (between: () => Promise<void>): Promise<void> => {
    kills += 1;
    await server.stop('SIGKILL');
    await between();
    await server.start();
  };
  return {
    get kills() {
      return kills;
    },
    get setBacks() {
      return setBacks;
    },
    kill: () => again(() => server.snapshot()),
    setBack: () => {
      setBacks += 1;
      return again(() => server.restore());
    },
    pause: () => send(server.pid, 'SIGSTOP'),
    resume: () => send(server.pid, 'SIGCONT'),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
