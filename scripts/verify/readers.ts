import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { MongoClient, type Db } from 'mongodb';
import postgres from 'postgres';

/** Small enough that a batch of the largest records is some megabytes, large enough that round trips do not count. */
export const BATCH = 500;
/** A statement that goes over a whole log of three days; what takes longer is a database in trouble. */
const STATEMENT_TIMEOUT_MS = 60_000;
const CONNECT_WITHIN_S = 5;

/** A PostgreSQL database that is only read. */
export interface Reader extends AsyncDisposable {
  /** Runs a statement in a READ ONLY transaction of its own; `$1` … stand for parameters. */
  rows<Row extends object>(text: string, parameters?: readonly (string | number | null)[]): Promise<Row[]>;
}

/** Opens a database for reading: the server itself refuses whatever would write. */
export function openReader(url: string): Reader {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: CONNECT_WITHIN_S,
    fetch_types: false,
    onnotice: () => undefined,
    connection: {
      application_name: 'lockstep-verify',
      default_transaction_read_only: true,
      statement_timeout: STATEMENT_TIMEOUT_MS,
    },
  });
  return {
    rows: async <Row extends object>(text: string, parameters: readonly (string | number | null)[] = []) => [
      ...(await sql.unsafe<Row[]>(text, [...parameters])),
    ],
    [Symbol.asyncDispose]: () => sql.end({ timeout: CONNECT_WITHIN_S }),
  };
}

/** A SQLite file that is only read. */
export interface FileReader extends Disposable {
  rows<Row>(text: string, parameters: readonly SQLInputValue[]): Row[];
}

/** Opens a file for reading. A file that nobody has open and whose log is empty is read as it lies, so that nothing is made beside it. */
export function openFile(file: string): FileReader {
  const lies = !existsSync(`${file}-wal`);
  const place = lies ? `${pathToFileURL(file).href}?immutable=1` : file;
  const database = new DatabaseSync(place, { readOnly: true, timeout: 5_000 });
  return {
    rows: <Row>(text: string, parameters: readonly SQLInputValue[]) =>
      database.prepare(text).all(...parameters) as Row[],
    [Symbol.dispose]: () => database.close(),
  };
}

/** A MongoDB database; of its driver, only what reads is used. */
export interface MongoReader extends AsyncDisposable {
  readonly db: Db;
}

export function openMongo(url: string): MongoReader {
  const client = new MongoClient(url, {
    appName: 'lockstep-verify',
    maxPoolSize: 1,
    serverSelectionTimeoutMS: CONNECT_WITHIN_S * 1_000,
    socketTimeoutMS: STATEMENT_TIMEOUT_MS,
    readPreference: 'primary',
  });
  return { db: client.db(), [Symbol.asyncDispose]: () => client.close() };
}

/** Reads batch after batch, each from where the last one ended, until one is not full. `read` gives at most {@link BATCH} rows in the order of `key`. */
export async function* inBatches<Row extends { readonly key: string }>(
  first: string,
  read: (after: string) => Promise<readonly Row[]> | readonly Row[],
): AsyncGenerator<readonly Row[]> {
  for (let after = first; ;) {
    const rows = await read(after);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.key ?? after;
  }
}

/** Before every UUID that is ever made. */
export const FIRST_UUID = '00000000-0000-0000-0000-000000000000';

/** A parameter that {@link AMONG} takes. */
export const listed = (values: readonly string[]): string => JSON.stringify([...new Set(values)]);

/** The texts of the first parameter, made by {@link listed}; an array, so that PostgreSQL looks each up in an index. */
export const AMONG = 'ARRAY(SELECT jsonb_array_elements_text($1::text::jsonb))';
/** The same of UUIDs; what is none is left out. */
export const AMONG_UUIDS = `ARRAY(SELECT listed.text::uuid FROM jsonb_array_elements_text($1::text::jsonb) AS listed (text)
  WHERE listed.text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')`;

/** More breaches of one kind need not be counted: whoever sees so many knows. */
const MOST_BREACHES = 10_000;

/** Calls back with each `sentence` that a statement gives, up to {@link MOST_BREACHES}. */
export async function tellBreaches(reader: Reader, text: string, tell: (sentence: string) => void): Promise<void> {
  for (const { sentence } of await reader.rows<{ sentence: string }>(`${text} LIMIT ${MOST_BREACHES}`)) tell(sentence);
}
