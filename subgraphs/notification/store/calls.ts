import type { DocumentCollection, DocumentStore } from './documents/document-store.ts';
import type { StoredCall } from './notifications.ts';

/** Calls whose effect is in a document of its own: which document that is, is decided here, once. */
export class Calls {
  readonly #collection: DocumentCollection<StoredCall>;

  private constructor(collection: DocumentCollection<StoredCall>) {
    this.#collection = collection;
  }

  static async open(store: DocumentStore): Promise<Calls> {
    return new Calls(await store.collection<StoredCall>({ name: 'calls', labels: [] }));
  }

  async find(id: string): Promise<StoredCall | undefined> {
    const [found] = await this.#collection.get([id]);
    return found?.body;
  }

  /** False when there is a call with this id. */
  add(id: string, at: Date, call: StoredCall): Promise<boolean> {
    return this.#collection.insertOnce({ id, createdAt: at, labels: {}, body: call });
  }
}
