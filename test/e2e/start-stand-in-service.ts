/**
 * Stands in for a real service in the tests of `npm start`: it speaks the same protocol with its supervisor, keeps a row per
 * start in its database, and does on request what real services hopefully never do.
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import connect from 'postgres';
import { z } from 'zod';

const environment = z
  .object({
    PORT: z.coerce.number(),
    SERVICE_PRIVATE_KEY: z.string(),
    DATABASE_URL: z.string().default(''),
    /** The service of this name refuses its configuration. */
    STAND_IN_REFUSES: z.string().default(''),
    /** The service of this name never finishes draining. */
    STAND_IN_HANGS: z.string().default(''),
    /** The file in which each service writes its name when it has drained. */
    STAND_IN_DRAINED: z.string().default(''),
  })
  .parse(process.env);

const { kid } = z.object({ kid: z.string() }).parse(JSON.parse(environment.SERVICE_PRIVATE_KEY));
const name = kid.replace('service:', '');

if (environment.STAND_IN_REFUSES === name) {
  console.error('IDEMPOTENCY_SECRET is not set');
  process.exit(78);
}

const sql =
  environment.DATABASE_URL === ''
    ? undefined
    : connect(environment.DATABASE_URL, { max: 1, onnotice: () => undefined });
if (sql !== undefined) {
  await sql`create table if not exists starts (pid int)`;
  await sql`insert into starts values (${process.pid})`;
}

async function describe(): Promise<object> {
  const starts = sql === undefined ? 0 : (await sql`select 1 from starts`).length;
  return { pid: process.pid, starts, environment: process.env };
}

const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(3);
  describe().then(
    (description) => response.end(JSON.stringify(description)),
    () => response.writeHead(503).end(),
  );
});

let draining = false;
async function drain(): Promise<void> {
  if (draining || environment.STAND_IN_HANGS === name) return;
  draining = true;
  server.close();
  server.closeAllConnections();
  await sql?.end({ timeout: 1 });
  if (environment.STAND_IN_DRAINED !== '') appendFileSync(environment.STAND_IN_DRAINED, `${name}\n`);
  process.exit(0);
}
process.on('SIGTERM', () => void drain());
process.on('disconnect', () => void drain());

server.listen(environment.PORT, '127.0.0.1', () => {
  console.log(JSON.stringify({ level: 'info', msg: 'listening', port: environment.PORT }));
  process.send?.({ type: 'ready' });
});
