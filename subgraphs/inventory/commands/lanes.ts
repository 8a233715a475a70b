/** One who waits for what a request comes to. */
interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface LanesOptions<Request, Answer> {
  /** Carries requests out together; gives an answer for each, or fails for all of them. A lane waits for it. */
  readonly work: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  /** Carries one out by itself, when it could not be together with others. No lane waits for it. */
  readonly workAlone: (request: Request) => Promise<Answer>;
  /** The most that are carried out together. */
  readonly most: number;
  /** After this failure of so many together, may each alone fare better? */
  readonly isWorthAlone: (error: unknown, together: number) => boolean;
}

/**
 * Carries out together what comes for one lane while earlier work of the lane is under way; what comes to an idle lane is carried out at once
 * and alone. So nobody waits for company, and the more there is to do the more is done together.
 */
export class Lanes<Request, Answer> {
  readonly #options: LanesOptions<Request, Answer>;
  /** Who waits, by lane; a lane is there while its work is. */
  readonly #lanes = new Map<string, Waiting<Request, Answer>[]>();

  constructor(options: LanesOptions<Request, Answer>) {
    this.#options = options;
  }

  ask(lane: string, request: Request): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const waiting = { request, resolve, reject };
    const busy = this.#lanes.get(lane);
    if (busy !== undefined) busy.push(waiting);
    else void this.#workOff(lane, [waiting]);
    return promise;
  }

  /** Never rejects. */
  async #workOff(lane: string, queue: Waiting<Request, Answer>[]): Promise<void> {
    this.#lanes.set(lane, queue);
    while (queue.length > 0) await this.#carryOut(queue.splice(0, this.#options.most));
    this.#lanes.delete(lane);
  }

  async #carryOut(batch: readonly Waiting<Request, Answer>[]): Promise<void> {
    const { work, workAlone, isWorthAlone } = this.#options;
    try {
      const answers = await work(batch.map(({ request }) => request));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      const alone = isWorthAlone(error, batch.length);
      for (const { request, resolve, reject } of batch) {
        if (alone) workAlone(request).then(resolve, reject);
        else reject(error);
      }
    }
  }
}
