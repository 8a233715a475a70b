import type { ReplicaTable } from '../../domain/replica.ts';

/** What a column keeps: `json` is text of any length. */
export type ColumnKind = 'text' | 'integer' | 'json';

export interface MergeStatement {
  readonly table: string;
  /** Takes one row, a bind for each of `columns`, in their order. */
  readonly text: string;
  /** The first is the id, the second the revision. */
  readonly columns: readonly MergeColumn[];
}

export interface MergeColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** Writes the bind at a position, counted from 1, so that the server knows its type. */
export type BindWriter = (position: number, kind: ColumnKind) => string;

/** The columns of a replica's table, with its id and revision. */
export function columnsOf({ columns, json = [] }: ReplicaTable): readonly MergeColumn[] {
  const own = Object.entries(columns).map(([name, kind]): MergeColumn => ({
    name,
    kind: json.includes(name) ? 'json' : kind,
  }));
  return [{ name: 'id', kind: 'text' }, { name: 'revision', kind: 'integer' }, ...own];
}

/**
 * The MERGE that writes a row when it is new, or newer than what is held. Nothing in it is one server's own, so that Oracle's text is tested
 * on PostgreSQL: the guard is in `CASE` and `GREATEST`, since `UPDATE … WHERE` is Oracle's alone, and names are unquoted, since
 * quoted ones differ in case. An older row therefore counts as written too: what is held must be read. Not an atomic upsert, on either.
 */
export function mergeStatement(table: ReplicaTable, bind: BindWriter): MergeStatement {
  const columns = columnsOf(table);
  const names = columns.map(({ name }) => name);
  const given = columns.map(({ name, kind }, at) => `${bind(at + 1, kind)} AS ${name}`);
  const newer = Object.keys(table.columns).map(
    (name) => `${name} = CASE WHEN s.revision > t.revision THEN s.${name} ELSE t.${name} END`,
  );
  const text = `MERGE INTO ${table.name} t USING (SELECT ${given.join(', ')} FROM dual) s ON (t.id = s.id)
WHEN MATCHED THEN UPDATE SET ${[...newer, 'revision = GREATEST(s.revision, t.revision)'].join(', ')}
WHEN NOT MATCHED THEN INSERT (${names.join(', ')}) VALUES (${names.map((name) => `s.${name}`).join(', ')})`;
  return { table: table.name, text, columns };
}
