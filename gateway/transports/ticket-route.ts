import type { FastifyInstance } from 'fastify';
import { answerMalformed } from '#shared/graphql/over-http.ts';
import { fromHeaders, requestContext } from '#shared/graphql/request-context.ts';
import type { TokenVerifier } from '#shared/identity/tokens.ts';
import { callerName, requireSignedIn } from '#shared/identity/viewer.ts';
import type { Log } from '#shared/log.ts';
import { answerRefused } from './refusals.ts';
import type { Ticket, Tickets } from './tickets.ts';

interface TicketRoute {
  readonly app: FastifyInstance;
  readonly tickets: Tickets;
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

/** Gives tickets at `POST /graphql/ticket` to who sends a good token: a browser's EventSource cannot send a header. */
export function serveTickets({ app, tickets, verifier, log }: TicketRoute): void {
  async function issueTo(header: (name: string) => string | undefined): Promise<Ticket> {
    const { viewer, authorization = '' } = await requestContext({ header, verifier, log });
    requireSignedIn(viewer);
    return tickets.issue(authorization, callerName(viewer));
  }

  app.post('/graphql/ticket', { errorHandler: answerMalformed(log) }, async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    try {
      return await reply.code(201).send(await issueTo(fromHeaders(request.headers)));
    } catch (error) {
      return answerRefused({ request, reply }, error, log);
    }
  });
}
