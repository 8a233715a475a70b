import { expect, test } from 'vitest';
import { readVerifyArguments } from './arguments.ts';
import { sourcesIn, sourcesOf } from './places.ts';

test('what is left out of the command line has its default', () => {
  expect(readVerifyArguments([])).toEqual({
    dataDirectory: undefined,
    callsFile: undefined,
    waitMs: 0,
    mostExamples: 5,
    json: false,
    help: false,
  });
  expect(readVerifyArguments(['--wait', '30', '--json', '--examples', '0'])).toMatchObject({
    waitMs: 30_000,
    json: true,
    mostExamples: 0,
  });
});

test.each([
  [['--wait', '-1']],
  [['--wait', '99999']],
  [['--examples', 'some']],
  [['--data-dir', '']],
  [['--sample', '5']],
  [['everything']],
])('%j is not understood', (argv) => {
  expect(() => readVerifyArguments(argv)).toThrow();
});

const URLS = Object.fromEntries(
  ['USER', 'ORDER', 'INVENTORY', 'NOTIFICATION', 'SYNC'].map((name) => [`${name}_DATABASE_URL`, `postgres://${name}`]),
);

test('an environment names every database or none', () => {
  expect(sourcesIn({ MONGODB_URL: 'mongodb://a/b' })).toBeUndefined();
  expect(sourcesIn({ ...URLS, MONGODB_URL: 'mongodb://a/b' })).toMatchObject({
    databaseUrls: { user: 'postgres://USER', sync: 'postgres://SYNC', bus: undefined },
    mongodbUrl: 'mongodb://a/b',
  });
  expect(() => sourcesIn({ ...URLS, SYNC_DATABASE_URL: '' })).toThrow('lacks SYNC_DATABASE_URL');
});

test('an environment names one bus at most', () => {
  const [BUS_DATABASE_URL, NATS_URL] = ['postgres://bus', 'nats://one'];
  expect(sourcesIn({ ...URLS, BUS_DATABASE_URL })).toMatchObject({ databaseUrls: { bus: BUS_DATABASE_URL } });
  expect(sourcesIn({ ...URLS, NATS_URL })).toMatchObject({ natsUrl: NATS_URL });
  expect(() => sourcesIn({ ...URLS, BUS_DATABASE_URL, NATS_URL })).toThrow('names two buses');
});

test('a folder without a system is told, and not made', async () => {
  await expect(sourcesOf('nothing/there', {})).rejects.toThrow('There is no system in nothing/there');
});
