import { setImmediate } from 'node:timers/promises';
import type postgres from 'postgres';

type Work = (sql: postgres.TransactionSql) => unknown;

/**
 * Keeps postgres.js (3.4.9) from touching a transaction whose connection is gone. By itself it would write ROLLBACK or COMMIT to the
 * closed socket, which throws where nobody can catch it and ends the process (its issues 1066, 1154, 1208), or run what is left of
 * the transaction on the connection's next life, inside somebody else's transaction (1216).
 */
export function sealLostTransactions(client: postgres.Sql): void {
  const begin = client.begin.bind(client) as (work: Work) => Promise<unknown>;
  const sealed = (work: Work): Promise<unknown> => {
    const fate = { over: false };
    const end = (): void => {
      fate.over = true;
    };
    // It settles as soon as the connection closes, whatever `work` is waiting for.
    const answer = begin((sql) => seal(sql, work, fate));
    answer.then(end, end);
    return answer;
  };
  Object.assign(client, { begin: sealed });
}

interface Fate {
  /** Committed, rolled back or lost: nothing more may be sent. */
  over: boolean;
}

async function seal(sql: postgres.TransactionSql, work: Work, fate: Fate): Promise<unknown> {
  const unsafe = sql.unsafe.bind(sql);
  const savepoint = sql.savepoint.bind(sql) as (inner: Work) => Promise<unknown>;
  Object.assign(sql, {
    unsafe: (...statement: Parameters<typeof unsafe>) => {
      if (fate.over) throw new Error('the transaction is over');
      return unsafe(...statement);
    },
    savepoint: (inner: Work) => savepoint((nested) => seal(nested, inner, fate)),
  });
  try {
    const result = await work(sql);
    if (!fate.over) return result;
  } catch (error) {
    // A statement fails a little before its connection is seen to close: the socket's `close` comes a turn of the event loop later.
    await setImmediate();
    await setImmediate();
    if (!fate.over) throw error;
  }
  return new Promise(() => {});
}
