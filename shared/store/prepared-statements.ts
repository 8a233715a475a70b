import type postgres from 'postgres';

type Work = (sql: postgres.TransactionSql) => unknown;
type Statements = Pick<postgres.Sql, 'unsafe'>;

/** A statement with more is a list's, which comes in as many forms as there are lengths: each would stay prepared on every connection. */
const MOST_PARAMETERS = 32;

/**
 * Has the driver prepare what Drizzle sends it. By itself it does not prepare a text, and asks the server to describe each statement before it
 * sends the values: two round trips instead of one, and no statement can be sent before the last one's answer has come.
 */
export function prepareStatements(client: postgres.Sql): void {
  prepare(client);
  const begin = client.begin.bind(client) as (work: Work) => Promise<unknown>;
  Object.assign(client, { begin: (work: Work) => begin((sql) => work(prepareNested(sql))) });
}

function prepareNested(sql: postgres.TransactionSql): postgres.TransactionSql {
  prepare(sql);
  const savepoint = sql.savepoint.bind(sql) as (work: Work) => Promise<unknown>;
  return Object.assign(sql, { savepoint: (work: Work) => savepoint((inner) => work(prepareNested(inner))) });
}

function prepare(sql: Statements): void {
  const unsafe = sql.unsafe.bind(sql) as Statements['unsafe'];
  const prepared: Statements['unsafe'] = (text, parameters = [], options = {}) =>
    unsafe(text, parameters, { ...options, prepare: parameters.length <= MOST_PARAMETERS });
  Object.assign(sql, { unsafe: prepared });
}
