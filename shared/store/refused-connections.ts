import postgres from 'postgres';

type Work = (sql: postgres.TransactionSql) => unknown;
type Pending = postgres.PendingQuery<postgres.Row[]>;

/** A server that is starting (57P03) or full (53300) says so to new connections only: nothing was carried out. */
const AT_CONNECT = new Set(['57P03', '53300']);
/** Said to a connection that the server ends: something may have been carried out. */
const AT_END = new Set(['57P01', '57P02']);
const READS = /^\s*select\b/i;
/** A pool may have several connections that each have such an error to tell. */
const TRIES = 4;

/**
 * Sends again what postgres.js (3.4.9) rejects with an error of the connection's earlier life: it keeps what the server last said to a
 * connection that broke in a statement, and tells it of the first statement of the next, hours later and before that is sent (its issue
 * 1223). Only what cannot have been carried out, or only reads, is sent again; so a server that restarts is waited for a moment, too.
 */
export function retryRefusedConnections(client: postgres.Sql): void {
  const unsafe = client.unsafe.bind(client) as (...statement: Parameters<typeof client.unsafe>) => Pending;
  const begin = client.begin.bind(client) as (work: Work) => Promise<unknown>;
  Object.assign(client, {
    unsafe: (...statement: Parameters<typeof client.unsafe>) => {
      const [text] = statement;
      const mayRetry = (code: string): boolean => AT_CONNECT.has(code) || (AT_END.has(code) && READS.test(text));
      return retried(() => unsafe(...statement), mayRetry);
    },
    begin: async (work: Work) => {
      let begun = false;
      const once = (): Promise<unknown> =>
        begin((sql) => {
          begun = true;
          return work(sql);
        });
      return again(once, (code) => !begun && (AT_CONNECT.has(code) || AT_END.has(code)));
    },
  });
}

async function again<T>(work: () => PromiseLike<T>, mayRetry: (code: string) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof postgres.PostgresError ? error.code : '';
      if (attempt === TRIES || !mayRetry(code)) throw error;
    }
  }
}

/** A query is sent when somebody waits for it, and told before how its rows are wanted; those made in its place are told the same. */
function retried(make: () => Pending, mayRetry: (code: string) => boolean): Pending {
  const query: Pending & { readonly isRaw?: unknown } = make();
  const sendFirst = query.then.bind(query);
  let isSent = false;
  const send = (): PromiseLike<postgres.RowList<postgres.Row[]>> => {
    if (isSent) return Object.assign(make(), { isRaw: query.isRaw });
    isSent = true;
    return new Promise((resolve, reject) => void sendFirst(resolve, reject));
  };
  let answer: Promise<postgres.RowList<postgres.Row[]>> | undefined;
  const answered = (): Promise<postgres.RowList<postgres.Row[]>> => (answer ??= again(send, mayRetry));
  type Answer = NonNullable<typeof answer>;
  return Object.assign(query, {
    // oxlint-disable-next-line unicorn/no-thenable -- the driver's queries are, and send themselves by it
    then: (...handlers: Parameters<Answer['then']>) => answered().then(...handlers),
    catch: (...handlers: Parameters<Answer['catch']>) => answered().catch(...handlers),
    finally: (...handlers: Parameters<Answer['finally']>) => answered().finally(...handlers),
  });
}
