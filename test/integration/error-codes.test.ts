import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import { CloseCode } from 'graphql-ws';
import { beforeAll, describe, expect, test } from 'vitest';
import { ERROR_PAGE, userErrorCodes } from '#scripts/codegen/error-page.ts';
import { ERROR_CATALOGUE, httpStatusOf } from '#shared/error-catalogue.ts';
import { CLOSE_CATALOGUE } from '#shared/graphql/close-codes.ts';
import { projectRoot } from '../support/planted-tree.ts';
import { trackedFiles } from '../support/tidy.ts';

/** Where sources write a code down: a refusal, an error's extensions, a refused outcome, a socket's end. */
const CODES = [/\bnew Refusal\(\s*'(\w+)'/g, /\bcode: '([A-Z][A-Z_]+)'/g, /\brefused\(\s*'(\w+)'/g];
const CLOSES = [/\bclose\((\d{4})\b/g, /\b\w*CLOSE\w*(?:: \w+)? = (\d{4})\b/g];
/** Close codes that only a client sends. */
const OF_CLIENTS: readonly CloseCode[] = [
  CloseCode.BadResponse,
  CloseCode.InternalClientError,
  CloseCode.ConnectionAcknowledgementTimeout,
];

const found = (patterns: readonly RegExp[], text: string): string[] =>
  patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = '']) => code));

describe('every code that the sources use is in the catalogue', () => {
  let known: Set<string>;
  const sources = new Map<string, string>();
  beforeAll(async () => {
    known = new Set([...Object.keys(ERROR_CATALOGUE), ...(await userErrorCodes(projectRoot)).keys()]);
    const written = (await trackedFiles(projectRoot)).filter(
      (file) => /^(gateway|shared|subgraphs)\/.*\.ts$/.test(file) && !/\.test\.ts$|\/generated\//.test(file),
    );
    for (const file of written) sources.set(file, await readFile(join(projectRoot, file), 'utf8'));
  });

  const strangers = (text: string): string[] => found(CODES, text).filter((code) => !known.has(code));
  const strangeCloses = (text: string): string[] => found(CLOSES, text).filter((code) => !(code in CLOSE_CATALOGUE));

  test('in the tree', () => {
    const all = [...sources.values()];
    expect(all.flatMap((text) => found(CODES, text)).length).toBeGreaterThan(40);
    expect(all.flatMap((text) => found(CLOSES, text))).not.toEqual([]);
    const told = [...sources].flatMap(([file, text]) =>
      [...strangers(text), ...strangeCloses(text)].map((code) => `${file}: ${code}`),
    );
    expect(told).toEqual([]);
  });

  test.each([
    "throw new Refusal('OUT_OF_TUNE', 'Not now.');",
    "throw new Refusal(\n  'OUT_OF_TUNE',\n  'Not now.');",
    "new GraphQLError('Not now.', { extensions: { code: 'OUT_OF_TUNE' } })",
    "return refused('OUT_OF_TUNE', 'Not now.');",
  ])('a planted one that is not is told: %s', (line) => {
    expect(strangers(line)).toEqual(['OUT_OF_TUNE']);
  });

  test.each(["socket.close(4999, 'Not now.');", 'const TUNE_CLOSE = 4999;', 'const TUNE_CLOSE: CloseCode = 4999;'])(
    'a planted close code that is not is told: %s',
    (line) => {
      expect(strangeCloses(line)).toEqual(['4999']);
    },
  );
});

test("Apollo Server's own codes are in the catalogue", () => {
  expect(Object.keys(ERROR_CATALOGUE)).toEqual(expect.arrayContaining(Object.values(ApolloServerErrorCode)));
});

test("the close codes of graphql-ws's servers are in the catalogue", () => {
  const all = Object.values(CloseCode).filter((code): code is CloseCode => typeof code === 'number');
  const closes = all.filter((code) => !OF_CLIENTS.includes(code));
  expect(closes.length).toBeGreaterThan(5);
  expect(Object.keys(CLOSE_CATALOGUE)).toEqual(expect.arrayContaining(closes.map(String)));
});

test('the page tells every code', async () => {
  const page = await readFile(join(projectRoot, ERROR_PAGE), 'utf8');
  const users = await userErrorCodes(projectRoot);
  for (const code of [...Object.keys(ERROR_CATALOGUE), ...users.keys()]) expect(page).toContain(`| \`${code}\` `);
  for (const code of Object.keys(CLOSE_CATALOGUE)) expect(page).toContain(`| ${code} `);
});

test('the descriptions of one code by two services are both told', async () => {
  const meanings = (await userErrorCodes(projectRoot)).get('USER_NOT_FOUND');
  expect([...(meanings?.keys() ?? [])]).toEqual(['notification', 'user']);
  expect(new Set(meanings?.values()).size).toBe(2);
});

test('the demo sends a mutation again for those codes that leave its outcome unknown', async () => {
  const client = await readFile(join(projectRoot, 'scripts/demo/client.ts'), 'utf8');
  const listed = /OUTCOME_UNKNOWN: .* = \[(.*)\];/.exec(client)?.[1]?.match(/\w+/g);
  const catalogued = Object.entries(ERROR_CATALOGUE).filter(([, { wayOn }]) => wayOn === 'same key');
  expect(listed?.toSorted()).toEqual(catalogued.map(([code]) => code).toSorted());
});

test('a refusal of a whole request has its own status', () => {
  expect([httpStatusOf('NOT_ACCEPTABLE'), httpStatusOf('BAD_REQUEST'), httpStatusOf('FORBIDDEN')]).toEqual([
    406,
    400,
    undefined,
  ]);
});
