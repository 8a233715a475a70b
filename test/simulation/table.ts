/** Rows by key. Reading outside a transaction sees what is committed. */
export class Table<Row> {
  readonly name: string;
  readonly rows = new Map<string, Row>();

  constructor(name: string) {
    this.name = name;
  }
}
