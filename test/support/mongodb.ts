import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { describe, inject } from 'vitest';

/** Is there a MongoDB to test with? Global setup has looked for one: it says so loudly when there is none, and throws when REQUIRE names it. */
export const hasMongodb = inject('mongodbUrl') !== '';

/** A suite that works on a real server that speaks MongoDB's protocol. */
export const describeOnMongodb = hasMongodb ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

export interface TestMongodb extends AsyncDisposable {
  readonly url: string;
}

/** A database of the test's own, dropped when the test is done with it. */
export function createMongodb(): TestMongodb {
  const url = withDatabase(inject('mongodbUrl'), `test_${randomUUID().replaceAll('-', '')}`);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await using client = new MongoClient(url);
      await client.db().dropDatabase();
    },
  };
}

/** Who signs in does so at the database that the URL named before, unless it says where. */
export function withDatabase(url: string, database: string): string {
  const {
    server = '',
    before = '',
    options = '',
  } = /^(?<server>[^/]+:\/\/[^/?]+)\/?(?<before>[^?]*)\??(?<options>.*)$/.exec(url)?.groups ?? {};
  const parameters = new URLSearchParams(options);
  if (server.includes('@') && !parameters.has('authSource')) parameters.set('authSource', before || 'admin');
  return `${server}/${database}?${parameters.toString()}`;
}
