import { expect, test } from 'vitest';
import { describeDocumentStoreContract, type DocumentStorage } from '#test/support/document-store-contract.ts';
import { freePort } from '#test/support/free-port.ts';
import { createMongodb, describeOnMongodb } from '#test/support/mongodb.ts';
import { quietLog } from '#test/support/store.ts';
import { openMongoDocuments } from './mongo-documents.ts';

async function newStorage(): Promise<DocumentStorage> {
  const database = createMongodb();
  const nowhere = `mongodb://127.0.0.1:${await freePort()}/nowhere`;
  return {
    open: () => openMongoDocuments({ url: database.url, log: quietLog }),
    openUnreachable: () => openMongoDocuments({ url: nowhere, log: quietLog }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

describeOnMongodb('MongoDB', () => {
  describeDocumentStoreContract(newStorage);

  test('cannot be reached once its store is closed', async () => {
    await using storage = await newStorage();
    const store = storage.open();
    const documents = await store.collection({ name: 'any', labels: ['owner'] });
    await store[Symbol.asyncDispose]();
    await expect(store.check()).rejects.toThrow();
    await expect(documents.get(['a'])).rejects.toThrow();
  });
});
