import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import oracledb from 'oracledb';
import { describe, expect, test } from 'vitest';
import { replicaOf, type Column } from '#sync/domain/replica.ts';
import { userEvent } from '#test/support/events.ts';
import { freePort } from '#test/support/free-port.ts';
import { RecordedOracle } from '#test/support/recorded-oracle.ts';
import { requirement } from '#test/support/requirements.ts';
import { describeTargetContract, type TargetStorage } from '#test/support/target-contract.ts';
import { openOracleTarget } from './oracle-target.ts';

const url = process.env['ORACLE_URL'] ?? '';
const describeOnOracle = requirement('oracle', url) ? describe : describe.skip; // -- there is no Oracle to be had without asking

/** The rows of a test stay: their ids are new in every run, and a table of the user's is not ours to empty. */
async function newStorage(): Promise<TargetStorage> {
  const { username, password, host, pathname } = new URL(url);
  const reader = await oracledb.getConnection({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectString: `${host}${pathname}`,
  });
  return {
    open: () => Promise.resolve(openOracleTarget('oracle', url)),
    read: async (id) => {
      const { rows = [] } = await reader.execute<Record<string, Column>>('SELECT * FROM users WHERE id = :1', [id], {
        outFormat: oracledb.OUT_FORMAT_OBJECT,
      });
      const [row] = rows.map((columns) => Object.entries(columns).map(([name, value]) => [name.toLowerCase(), value]));
      return row && (Object.fromEntries(row) as Record<string, Column>);
    },
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

describeOnOracle('a real Oracle', () => {
  describeTargetContract('Oracle', newStorage);
});

const user = (id: string, data?: Readonly<Record<string, unknown>>): ReturnType<typeof replicaOf> =>
  replicaOf('USER', userEvent({ id, version: 2, position: 1, ...(data && { data }) }).event);

test('an Oracle that cannot be reached rejects, time and again (the real driver, on a port where nobody listens)', async () => {
  await using target = openOracleTarget('oracle', `oracle://me:secret@127.0.0.1:${await freePort()}/shop`);
  await expect(target.check()).rejects.toThrow('NJS-503');
  await expect(target.apply('USER', [user('a')])).rejects.toThrow('NJS-503');
});

test('a server that hangs up rejects (the real driver, on a server that is no Oracle)', async () => {
  const server = createServer((socket) => socket.destroy());
  await using opened = new AsyncDisposableStack();
  opened.defer(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const target = opened.use(openOracleTarget('oracle', `oracle://me:secret@127.0.0.1:${port}/shop`));
  await expect(target.check()).rejects.toThrow(/NJS-|ORA-/);
});

/** What is checked here is what the adapter makes of the driver's answers, as its 26.0 gives them in thin mode. Nothing is said of Oracle. */
describe('calls to the driver, recorded rather than answered by an Oracle', () => {
  const [a, b] = [`a${randomUUID()}`, `b${randomUUID()}`];
  const opened = (oracle: RecordedOracle): ReturnType<typeof openOracleTarget> =>
    openOracleTarget('oracle', 'oracle://lock%20step:s%40cret@records:1521/shop', oracle.driver);

  test('a batch is one transaction, merged in one call between two readings', async () => {
    const oracle = new RecordedOracle();
    await using target = opened(oracle);
    expect(await target.apply('USER', [user(b), user(a)])).toEqual([
      { id: a, targetRevision: 2 },
      { id: b, targetRevision: 2 },
    ]);
    expect(oracle.poolAttributes).toMatchObject({
      user: 'lock step',
      password: 's@cret',
      connectString: 'records:1521/shop',
    });
    expect(oracle.calls.slice(0, 4)).toEqual(['CREATE TABLE', 'CREATE TABLE', 'CREATE TABLE', 'close']);
    expect(oracle.calls.slice(4)).toEqual(['SELECT', `MERGE ${a} ${b}`, 'SELECT', 'commit', 'close']);
  });

  test('tables that are there are left as they are', async () => {
    const oracle = new RecordedOracle();
    oracle.failures.set('CREATE TABLE', new Error('ORA-00955: name is already used by an existing object'));
    await using target = opened(oracle);
    await expect(target.check()).resolves.toBeUndefined();
  });

  test('a row that lost an insert race is merged again, in the same transaction', async () => {
    const oracle = new RecordedOracle();
    oracle.batchErrors.push([{ offset: 1, message: 'ORA-00001: unique constraint (SHOP.SYS_C0015) violated' }]);
    await using target = opened(oracle);
    expect(await target.apply('USER', [user(a), user(b)])).toContainEqual({ id: b, targetRevision: 2 });
    expect(oracle.calls.slice(4)).toEqual(['SELECT', `MERGE ${a} ${b}`, `MERGE ${b}`, 'SELECT', 'commit', 'close']);
  });

  test('a row that loses every race is an error of the target, and nothing is committed', async () => {
    const oracle = new RecordedOracle();
    const lost = [{ offset: 0, message: 'ORA-00001: unique constraint (SHOP.SYS_C0015) violated' }];
    oracle.batchErrors.push(lost, lost, lost);
    await using target = opened(oracle);
    await expect(target.apply('USER', [user(a)])).rejects.toThrow('1 rows of users lost every one of 3 races');
    expect(oracle.calls.slice(-2)).toEqual(['rollback', 'close and drop']);
  });

  test('a row that Oracle refuses is an error of that record, also when others were never sent', async () => {
    const oracle = new RecordedOracle();
    oracle.batchErrors.push([{ offset: 0, message: 'ORA-12899: value too large for column "SHOP"."USERS"."EMAIL"' }]);
    await using target = opened(oracle);
    const results = await target.apply('USER', [user(a, { firstName: 'é'.repeat(2_001) }), user(b)]);
    expect(results).toEqual([
      { id: a, error: 'first_name has more than 4000 bytes' },
      { id: b, error: expect.stringContaining('ORA-12899') },
    ]);
    expect(oracle.calls).toContain(`MERGE ${b}`);
    expect(oracle.calls).toContain('commit');
  });

  test('an error of the database rejects, though the driver tells it of a row', async () => {
    const oracle = new RecordedOracle();
    oracle.batchErrors.push([{ offset: 0, message: 'ORA-00060: deadlock detected while waiting for resource' }]);
    await using target = opened(oracle);
    await expect(target.apply('USER', [user(a)])).rejects.toThrow('ORA-00060');
    expect(oracle.calls).not.toContain('commit');
  });

  test('a lost connection rejects and is not used again; the next call gets another', async () => {
    const oracle = new RecordedOracle();
    await using target = opened(oracle);
    oracle.failures.set('MERGE', new Error('NJS-500: connection to the Oracle Database was broken'));
    await expect(target.apply('USER', [user(a)])).rejects.toThrow('NJS-500');
    expect(oracle.calls.at(-1)).toBe('close and drop');
    oracle.failures.clear();
    expect(await target.apply('USER', [user(a)])).toEqual([{ id: a, targetRevision: 2 }]);
  });

  test('an Oracle that is away rejects until it is there', async () => {
    const oracle = new RecordedOracle();
    oracle.failures.set('connect', new Error('NJS-503: connection to host records port 1521 could not be established'));
    await using target = opened(oracle);
    await expect(target.check()).rejects.toThrow('NJS-503');
    oracle.failures.clear();
    await expect(target.check()).resolves.toBeUndefined();
  });

  test('once it is closed it rejects', async () => {
    const oracle = new RecordedOracle();
    const target = opened(oracle);
    await target.check();
    await target[Symbol.asyncDispose]();
    await expect(target.check()).rejects.toThrow('closed');
    expect(oracle.calls.at(-1)).toBe('close the pool');
  });
});
