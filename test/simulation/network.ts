import { Refusal } from '#shared/refusal.ts';
import type { Process } from './scheduler.ts';
import { Gate, pauseFor, waitAt, type Task } from './task.ts';
import { Unanswered, type World } from './world.ts';

const USUAL_MS = 5;
/** So long does it take until nothing more is sent to a process that does not answer (a proxy's health check). */
const NOTICED_AFTER_MS = 2_000;

interface Call<Answer> {
  readonly from: Process;
  /** The replicas that may answer; any of them does. */
  readonly to: readonly Process[];
  readonly what: string;
  readonly timeoutMs: number;
  /** Carries the request out at the process that it reaches. What it throws reaches the caller, when the answer does. */
  readonly work: (at: Process) => Task<Answer>;
}

type Reply<Answer> = { readonly answer: Answer } | { readonly error: unknown };

/**
 * A request and its answer over a network that loses, delays, reorders and repeats both. Throws {@link Unanswered} when nothing has come
 * in time; the request may be carried out then, later, more than once, or never.
 */
export function* call<Answer>(world: World, request: Call<Answer>): Task<Answer> {
  const { faults, weather, tally } = world;
  const arrived = new Gate();
  let reply: Reply<Answer> | undefined;
  const receive = (given: Reply<Answer>): void => {
    reply ??= given;
    arrived.open();
  };
  const copies = faults.happens(weather.duplication) ? 2 : 1;
  tally.duplicated += copies - 1;
  for (let copy = 1; copy <= copies; copy += 1) send(world, request, receive);
  const deadline = world.now + request.timeoutMs;
  while (reply === undefined && world.now < deadline) {
    yield* waitAt(arrived, { ms: deadline - world.now });
  }
  if (reply === undefined) throw new Unanswered(request.what);
  if ('answer' in reply) return reply.answer;
  // What a process says of its own troubles is no more than that.
  throw reply.error instanceof Refusal ? reply.error : new Unanswered(`${request.what}: ${String(reply.error)}`);
}

/** How long a message takes; undefined when it never comes. */
function travel({ faults, weather, tally }: World): number | undefined {
  if (faults.happens(weather.loss)) {
    tally.lost += 1;
    return undefined;
  }
  if (!faults.happens(weather.delay)) return faults.between(0, USUAL_MS);
  tally.delayed += 1;
  return faults.between(0, weather.longestDelayMs);
}

function send<Answer>(world: World, request: Call<Answer>, receive: (reply: Reply<Answer>) => void): void {
  const { scheduler, faults } = world;
  const thereMs = travel(world);
  if (thereMs === undefined) return scheduler.say(request.from.name, `LOST ${request.what}`);
  scheduler.at(world.now + thereMs, () => {
    const isAnswering = ({ up, pausedUntil, pausedSince }: Process): boolean =>
      up && (pausedUntil <= world.now || world.now - pausedSince < NOTICED_AFTER_MS);
    const reached = request.to.filter(isAnswering);
    if (reached.length === 0) return;
    const at = faults.pick(reached);
    scheduler.spawn(at, serve(world, request, { at, receive }));
  });
}

function* serve<Answer>(
  world: World,
  { what, from, work }: Call<Answer>,
  { at, receive }: { at: Process; receive: (reply: Reply<Answer>) => void },
): Task<void> {
  const reply = yield* replyOf(world, work(at));
  yield* pauseFor(0, `answers ${what}${'error' in reply ? `: ${String(reply.error)}` : ''}`);
  const backMs = travel(world);
  if (backMs === undefined) return world.scheduler.say(at.name, `LOST the answer to ${what}`);
  const { life } = from;
  world.scheduler.at(world.now + backMs, () => {
    if (from.life === life) receive(reply);
  });
}

function* replyOf<Answer>(world: World, work: Task<Answer>): Task<Reply<Answer>> {
  try {
    return { answer: yield* work };
  } catch (error) {
    world.expected(error);
    return { error };
  }
}
