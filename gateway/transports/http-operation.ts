import { getOperationAST, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import type { Documents } from '#shared/graphql/documents.ts';
import type { Variables } from '../execution/variables.ts';

/** An operation as it came over HTTP. */
export interface HttpOperation {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Variables>;
  /** Does the client ask to be told how far a subscription has come, also without an event? */
  readonly checkpoints: boolean;
}

/** A subscription that the schema allows. */
export interface RequestedSubscription extends HttpOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** What is read of a request. */
export interface OperationSource {
  readonly method: string;
  readonly body: unknown;
  readonly search: URLSearchParams;
}

/** The operation of a well-formed request; undefined for any other: Apollo Server says what is wrong with it. */
export function operationIn({ method, body, search }: OperationSource): HttpOperation | undefined {
  if (method === 'POST') return isRecord(body) ? operationOf(body) : undefined;
  if (method !== 'GET') return undefined;
  const names = ['query', 'operationName', 'variables', 'extensions'];
  if (names.some((name) => search.getAll(name).length > 1)) return undefined;
  const [query, operationName, variables, extensions] = names.map((name) => search.get(name) ?? undefined);
  const parsed = [variables, extensions].map((text) => (text === undefined ? undefined : (parsedJson(text) ?? text)));
  return operationOf({ query, operationName, variables: parsed[0], extensions: parsed[1] });
}

/** The subscription that an operation is; undefined when it is none, or not one that can be carried out. */
export function subscriptionIn(given: HttpOperation, documents: Documents): RequestedSubscription | undefined {
  // What has not the word is none, and need not be read here.
  if (!given.query.includes('subscription')) return undefined;
  const document = documents.read(given.query);
  if (!('kind' in document)) return undefined;
  const operation = getOperationAST(document, given.operationName);
  return operation?.operation === 'subscription' ? { ...given, document, operation } : undefined;
}

function operationOf(given: Readonly<Record<string, unknown>>): HttpOperation | undefined {
  const { query, operationName = null, variables = null, extensions = null } = given;
  if (typeof query !== 'string' || query === '') return undefined;
  if (operationName !== null && typeof operationName !== 'string') return undefined;
  if ([variables, extensions].some((value) => value !== null && !isRecord(value))) return undefined;
  return {
    query,
    operationName: operationName ?? undefined,
    variables: isRecord(variables) ? variables : {},
    checkpoints: isRecord(extensions) && extensions['checkpoints'] === true,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
