import { buildSchema, GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Documents } from './documents.ts';

const schema = buildSchema('type Query { me: User } type User { id: ID!, name: String }');

describe('a document', () => {
  test('that is right is parsed once: its plan can be kept by it', () => {
    const documents = new Documents(schema);
    const first = documents.read('{ me { id } }');
    expect(first).toMatchObject({ kind: 'Document' });
    expect(documents.read('{ me { id } }')).toBe(first);
    expect(documents.read('{ me { name } }')).not.toBe(first);
  });

  test.each(['', '{', 'query { me { id }', '{ me { id } } }', '\0'])('that is %j cannot be parsed', (text) => {
    expect(new Documents(schema).read(text)).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
  });

  test('that asks for what there is not is told every mistake, with its place', () => {
    const errors = new Documents(schema).read('{ me { id age } you }');
    expect(errors).toHaveLength(2);
    for (const error of errors as GraphQLError[]) {
      expect(error).toBeInstanceOf(GraphQLError);
      expect(error.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
      expect(error.locations).toHaveLength(1);
    }
  });

  test('that is wrong is wrong each time', () => {
    const documents = new Documents(schema);
    expect(documents.read('{ you }')).toEqual(documents.read('{ you }'));
    expect(documents.read('{ you }')).toHaveLength(1);
  });
});
