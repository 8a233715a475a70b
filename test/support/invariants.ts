import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';

/** What a client did and heard under one idempotency key. */
export interface Call {
  readonly field: 'registerUser' | 'updateUser';
  readonly key: string;
  /** Whose account was asked for; registrations only. */
  readonly email?: string;
  /** Who was to be changed; updates only. */
  readonly userId?: string;
  /** All answers, in the order they came. Without any, nobody knows whether the call had its effect. */
  readonly answers: readonly CallAnswer[];
}

export interface CallAnswer {
  /** Null when it was refused. */
  readonly userId: string | null;
  readonly replayed: boolean;
  readonly refusals: readonly string[];
}

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly version: number;
  readonly role: string;
}

type ReplicaRow = Omit<UserRow, 'role'>;

interface KeyRow {
  readonly field: string;
  readonly key: string;
  /** Null when the call was refused. */
  readonly user_id: string | null;
  readonly version: number | null;
}

/** An event in some log, in the order of that log. */
export interface LoggedEvent {
  readonly position: number;
  readonly subject: string;
  readonly version: number;
}

interface LedgerRow {
  readonly position: number;
  readonly state: string;
}

interface PipelineFacts {
  readonly counts: {
    readonly committed: number | null;
    readonly applied: number;
    readonly superseded: number;
    readonly inFlight: number | null;
    readonly deadLettered: number;
  };
  readonly lag: { readonly records: number; readonly seconds: number } | null;
}

/** Everything the invariants are about, as clients saw it and as it is kept. */
export interface Facts {
  readonly calls: readonly Call[];
  readonly users: readonly UserRow[];
  readonly keys: readonly KeyRow[];
  /** The user service's own log. */
  readonly outbox: readonly LoggedEvent[];
  /** The same log as the bus keeps it. */
  readonly bus: readonly LoggedEvent[];
  readonly ledger: readonly LedgerRow[];
  /** What sync has told of users in the system of record, in the order it told it; the version is the target's. */
  readonly told: readonly LoggedEvent[];
  readonly replicas: readonly ReplicaRow[];
  readonly pipeline: PipelineFacts;
}

const acknowledged = (call: Call): boolean => call.answers.some(({ userId }) => userId !== null);
const settled = (call: Call): boolean => call.answers.length > 0;
const userOf = (call: Call): string | null | undefined => call.answers.find(({ userId }) => userId !== null)?.userId;

/** Exactly one row for what was acknowledged, with the id that was acknowledged. */
function nothingLost({ calls, users }: Facts): string[] {
  const byEmail = Map.groupBy(users, ({ email }) => email);
  return calls.filter(acknowledged).flatMap((call) => {
    if (call.field !== 'registerUser') return [];
    const rows = byEmail.get(call.email ?? '') ?? [];
    if (rows.length !== 1) return [`${call.email} was acknowledged and has ${rows.length} rows`];
    return rows[0]?.id === userOf(call)
      ? []
      : [`${call.email} was acknowledged as ${userOf(call)}, not ${rows[0]?.id}`];
  });
}

/** Nothing exists that nobody attempted, or that was refused. */
function noPhantoms({ calls, users, keys }: Facts): string[] {
  const registrations = new Map(calls.flatMap((call) => (call.email === undefined ? [] : [[call.email, call]])));
  const attempted = new Set(calls.map(({ field, key }) => `${field} ${key}`));
  const strangers = users.flatMap(({ email, role }) => {
    const call = registrations.get(email);
    if (call === undefined) return role === 'ADMIN' ? [] : [`nobody asked for the user ${email}`];
    return settled(call) && !acknowledged(call) ? [`${email} was refused and exists`] : [];
  });
  const strangeKeys = keys.filter(({ field, key }) => !attempted.has(`${field} ${key}`));
  return [...strangers, ...strangeKeys.map(({ field, key }) => `nobody called ${field} with the key ${key}`)];
}

/** A user's version counts its effects: the registration and each update, once per key. Every update must have changed something. */
function oneEffectPerKey({ calls, users, keys }: Facts): string[] {
  const updates = Map.groupBy(
    calls.filter(({ field }) => field === 'updateUser'),
    ({ userId }) => userId ?? '',
  );
  const registered = new Set(calls.map(userOf));
  const versions = Map.groupBy(keys, ({ user_id }) => user_id ?? '');
  return users
    .filter(({ id }) => registered.has(id))
    .flatMap(({ id, version }) => {
      const made = updates.get(id) ?? [];
      const least = 1 + made.filter(acknowledged).length;
      const most = least + made.filter((call) => !settled(call)).length;
      const wrong = version < least || version > most;
      const kept = String((versions.get(id) ?? []).map((row) => row.version ?? 0).toSorted((a, b) => a - b));
      const wanted = countingTo(version);
      return [
        ...(wrong ? [`${id} has version ${version}, though ${least} to ${most} keys had an effect`] : []),
        ...(kept === wanted ? [] : [`the keys of ${id} produced the versions ${kept}, not ${wanted}`]),
      ];
    });
}

/** `1,2,3` */
function countingTo(last: number): string {
  return String(Array.from({ length: last }, (_, at) => at + 1));
}

/** All answers to one key say the same, and at most one of them is the first. */
function stableReplays({ calls }: Facts): string[] {
  return calls.flatMap(({ field, key, answers }) => {
    const said = new Set(answers.map(({ userId, refusals }) => JSON.stringify([userId, refusals])));
    const firsts = answers.filter(({ replayed }) => !replayed).length;
    return [
      ...(said.size > 1 ? [`${field} ${key} was answered in ${said.size} ways: ${[...said].join(' and ')}`] : []),
      ...(firsts > 1 ? [`${field} ${key} had ${firsts} answers that are not replays`] : []),
    ];
  });
}

/** Every copy holds every record, equal to the source, and nothing else. */
function converged({ users, replicas }: Facts): string[] {
  const copies = new Map(replicas.map((row) => [row.id, row]));
  const ids = new Set(users.map(({ id }) => id));
  const text = (row: ReplicaRow): string => JSON.stringify([row.version, row.first_name, row.last_name, row.email]);
  return [
    ...users.flatMap((user) => {
      const copy = copies.get(user.id);
      if (copy === undefined) return [`the copy lacks ${user.id}`];
      return text(copy) === text(user) ? [] : [`the copy of ${user.id} is ${text(copy)}, the source ${text(user)}`];
    }),
    ...replicas.filter(({ id }) => !ids.has(id)).map(({ id }) => `the copy holds ${id}, which the source does not`),
  ];
}

/** In each log a record's versions only grow; the source's log tells each of them once. */
function inOrder({ users, outbox, bus, told }: Facts): string[] {
  const logs = { outbox, bus, 'what sync told': told };
  const backwards = Object.entries(logs).flatMap(([name, log]) => {
    const last = new Map<string, number>();
    return log.flatMap(({ subject, version, position }) => {
      const before = last.get(subject) ?? 0;
      last.set(subject, version);
      return version < before ? [`${name} goes back at ${position}: ${subject} from ${before} to ${version}`] : [];
    });
  });
  const bySubject = Map.groupBy(outbox, ({ subject }) => subject);
  const untold = users.flatMap(({ id, version }) => {
    const versions = String((bySubject.get(id) ?? []).map((event) => event.version));
    const wanted = countingTo(version);
    return versions === wanted ? [] : [`the outbox tells ${versions} of ${id}, not ${wanted}`];
  });
  return [...backwards, ...untold];
}

const FINAL = new Set(['APPLIED', 'SUPERSEDED', 'DEAD_LETTERED']);

/** What was committed has reached the bus and the ledger, position by position, and the counts shown are those. */
function accountedFor({ outbox, bus, ledger, pipeline }: Facts): string[] {
  const positions = outbox.map(({ position }) => position);
  const gaps = positions.filter((position, at) => position !== at + 1);
  const missing = (log: readonly { position: number }[]): number[] => {
    const there = new Set(log.map(({ position }) => position));
    return positions.filter((position) => !there.has(position));
  };
  const count = (state: string): number => ledger.filter((row) => row.state === state).length;
  const wanted = {
    committed: outbox.length,
    applied: count('APPLIED'),
    superseded: count('SUPERSEDED'),
    inFlight: 0,
    deadLettered: count('DEAD_LETTERED'),
  };
  const shown = Object.fromEntries(
    Object.keys(wanted).map((name) => [name, pipeline.counts[name as keyof typeof wanted]]),
  );
  const open = ledger.filter(({ state }) => !FINAL.has(state));
  return [
    ...(gaps.length === 0 ? [] : [`the outbox's positions have gaps before ${gaps[0]}`]),
    ...(missing(bus).length === 0 ? [] : [`the bus lacks the positions ${missing(bus).join(', ')}`]),
    ...(missing(ledger).length === 0 ? [] : [`the ledger lacks the positions ${missing(ledger).join(', ')}`]),
    ...(ledger.length === outbox.length ? [] : [`the ledger has ${ledger.length} rows for ${outbox.length} events`]),
    ...(open.length === 0 ? [] : [`${open.length} events of the ledger are not settled`]),
    ...(JSON.stringify(shown) === JSON.stringify(wanted)
      ? []
      : [`the pipeline shows ${JSON.stringify(shown)}, not ${JSON.stringify(wanted)}`]),
  ];
}

/** Once everything is quiet, no lag is shown, and "unknown" is not shown as none. */
function noLag({ pipeline: { lag } }: Facts): string[] {
  if (lag === null) return ['the lag is unknown'];
  return lag.records === 0 && lag.seconds === 0 ? [] : [`a lag of ${lag.records} records, ${lag.seconds} s is shown`];
}

const INVARIANTS = {
  'nothing acknowledged is lost': nothingLost,
  'nothing exists that nobody asked for': noPhantoms,
  'one effect per key': oneEffectPerKey,
  'replays are stable': stableReplays,
  'copies equal the source': converged,
  'records never go back': inOrder,
  'everything is accounted for': accountedFor,
  'no lag once quiet': noLag,
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** What is wrong with a quiet system, each breach as a sentence behind its invariant; EXACTLY-ONCE §7 has the list. */
export function breachesOf(facts: Facts): string[] {
  return Object.entries(INVARIANTS).flatMap(([name, check]) => check(facts).map((breach) => `${name}: ${breach}`));
}

/** Where a system keeps what {@link loadFacts} reads. */
export interface Places {
  readonly databaseUrls: Readonly<Record<'user' | 'sync' | 'bus', string>>;
  readonly oracleFile: string;
}

type Kept = Omit<Facts, 'calls' | 'pipeline'>;

const REVISIONS_PER_EPOCH = 4_294_967_296;

/** Reads all rows. The system need not be quiet, but only of a quiet one do the invariants hold. */
export async function loadFacts({ databaseUrls, oracleFile }: Places): Promise<Kept> {
  const user = await query(databaseUrls.user, {
    users: 'SELECT id, email, first_name, last_name, version, role FROM users',
    keys: `SELECT field, key, outcome #>> '{data,userId}' AS user_id, (outcome #>> '{data,version}')::int AS version
           FROM idempotency_keys`,
    outbox: `SELECT coalesce(position, 0)::int AS position, subject, (revision % ${REVISIONS_PER_EPOCH})::int AS version
             FROM outbox ORDER BY position NULLS LAST`,
  });
  const bus = await query(databaseUrls.bus, {
    bus: `SELECT position::int, event ->> 'subject' AS subject, ((event ->> 'revision')::bigint % ${REVISIONS_PER_EPOCH})::int AS version
          FROM bus_events WHERE source = 'user' ORDER BY position`,
  });
  const sync = await query(databaseUrls.sync, {
    ledger: `SELECT position::int, state FROM event_ledger WHERE durable = 'users-to-oracle' ORDER BY position`,
    told: `SELECT position::int, subject, (data ->> 'targetVersion')::int AS version FROM outbox
           WHERE data ->> 'entity' = 'USER' AND data ->> 'target' = 'oracle' AND data ->> 'targetVersion' IS NOT NULL ORDER BY position`,
  });
  using oracle = new DatabaseSync(oracleFile, { readOnly: true });
  const replicas = oracle.prepare('SELECT id, version, first_name, last_name, email FROM users').all();
  return { ...user, ...bus, ...sync, replicas } as unknown as Kept;
}

async function query(url: string, queries: Readonly<Record<string, string>>): Promise<Record<string, unknown[]>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const found: Record<string, unknown[]> = {};
    for (const [name, text] of Object.entries(queries)) found[name] = [...(await sql.unsafe(text))];
    return found;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
