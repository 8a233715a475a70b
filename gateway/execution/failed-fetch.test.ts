import { expect, test } from 'vitest';
import { missedPaths } from './failed-fetch.ts';

test('a fetch of root fields is missed at each of them, by its name in the answer', () => {
  expect(missedPaths('query ($id: ID!) { first { id } other: book(id: $id) { id } }', { id: '1' })).toEqual([
    ['first'],
    ['other'],
  ]);
});

test('a fetch of entities is missed at each field of each entity', () => {
  const operation = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Book { __typename reviews { id } rating } ... on Film { rating } } }`;
  expect(missedPaths(operation, { representations: [{}, {}] })).toEqual([
    ['_entities', 0, 'reviews'],
    ['_entities', 0, 'rating'],
    ['_entities', 1, 'reviews'],
    ['_entities', 1, 'rating'],
  ]);
});

test('a fetch of nothing but type names is missed nowhere', () => {
  expect(missedPaths('{ __typename }', undefined)).toEqual([]);
});
