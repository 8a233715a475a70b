import { LRUCache } from 'lru-cache';
import { GraphQLError, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { GraphqlCode } from '../error-catalogue.ts';

/** Clients of one system send few distinct documents; each entry is some kilobytes. */
const MOST_DOCUMENTS = 1_000;

/** Parses and validates operations against one schema, once per text. */
export class Documents {
  readonly schema: GraphQLSchema;
  readonly #checked = new LRUCache<string, DocumentNode>({ max: MOST_DOCUMENTS });

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
  }

  /** The document, or what is wrong with it; every error has `extensions.code`. */
  read(text: string): DocumentNode | readonly GraphQLError[] {
    const known = this.#checked.get(text);
    if (known !== undefined) return known;
    try {
      const document = parse(text);
      const errors = validate(this.schema, document);
      if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
      this.#checked.set(text, document);
      return document;
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
      throw error;
    }
  }
}

function withCode(error: GraphQLError, code: GraphqlCode): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    extensions: { code },
  });
}
