import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { brokenRules } from './house-rules.ts';

const described = (sdl: string): ReturnType<typeof buildSchema> =>
  buildSchema(`type Query { "Any." any: String } ${sdl}`);
const KEY = '"Makes it safe to retry."';

test('a schema that keeps the rules is told nothing', () => {
  const schema = described(`
    type Mutation { "Acts." act(${KEY} idempotencyKey: ID!): String "Signs in." login: String }
    type Subscription { "Watches." watch("From where." after: String): String }`);
  expect(brokenRules(schema)).toEqual([]);
});

describe('a mutation needs idempotencyKey: ID!', () => {
  test.each([
    ['without it', 'act: String'],
    ['with an optional one', `act(${KEY} idempotencyKey: ID): String`],
    ['with one of another type', `act(${KEY} idempotencyKey: String!): String`],
    ['with a list', `act(${KEY} idempotencyKey: [ID!]!): String`],
    ['with one of another name', `act(${KEY} key: ID!): String`],
  ])('%s it is refused', (_, field) => {
    expect(brokenRules(described(`type Mutation { "Acts." ${field} }`))).toEqual([
      'Mutation.act lacks the argument idempotencyKey: ID!, without which it cannot be retried safely',
    ]);
  });
});

describe('a subscription needs after: String', () => {
  test.each([
    ['without it', 'watch: String'],
    ['with a required one', 'watch("From where." after: String!): String'],
    ['with one of another type', 'watch("From where." after: ID): String'],
  ])('%s it is refused', (_, field) => {
    expect(brokenRules(described(`type Subscription { "Watches." ${field} }`))).toEqual([
      'Subscription.watch lacks the argument after: String, without which it cannot be resumed',
    ]);
  });
});

describe('everything needs a description', () => {
  test.each([
    ['Thing', 'type Thing { "Its name." name: String }'],
    ['Thing.name', '"A thing." type Thing { name: String }'],
    ['Thing.name(short:)', '"A thing." type Thing { "Its name." name(short: Boolean): String }'],
    ['Named', 'interface Named { "Its name." name: String }'],
    ['Named.name', '"Has a name." interface Named { name: String }'],
    ['Size', 'enum Size { "Not big." SMALL }'],
    ['Size.SMALL', '"How big." enum Size { SMALL }'],
    ['ThingInput', 'input ThingInput { "Its name." name: String }'],
    ['ThingInput.name', '"A new thing." input ThingInput { name: String }'],
    ['Instant', 'scalar Instant'],
    ['Any', '"A thing." type Thing { "Its name." name: String } union Any = Thing'],
    ['Query.more', 'extend type Query { more: String }'],
    ['Query.more(of:)', 'extend type Query { "More." more(of: String): String }'],
  ])('%s', (coordinate, sdl) => {
    expect(brokenRules(described(sdl))).toEqual([`${coordinate} has no description`]);
  });
});
