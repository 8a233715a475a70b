import { readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { printSchema } from 'graphql';
import { buildSupergraph } from '#gateway/supergraph/supergraph.ts';

type Output = CodegenConfig['generates'][string];

/** What clients see: nothing that is `@inaccessible`. */
function apiSchema(): string {
  const supergraph = readFileSync(new URL('supergraph.graphql', import.meta.url), 'utf8');
  return printSchema(buildSupergraph(supergraph, {}).documents.schema);
}

/** Typed documents for the `graphql(…)` operations in a client's sources. */
function clientTypes(documents: string): Output {
  return {
    schema: apiSchema(),
    documents,
    preset: 'client',
    presetConfig: { fragmentMasking: false, skipIndexFile: true },
    // Everything beyond types must run on Node as it is; to send a string, a client needs no GraphQL library.
    config: {
      documentMode: 'string',
      enumType: 'const',
      strictScalars: true,
      scalars: { ID: 'string', DateTime: 'string' },
    },
  };
}

/** Resolver types of a subgraph. A mapper says which of its own types stands behind a type of the schema. */
function resolverTypes(subgraph: string, mappers: Readonly<Record<string, string>>): Record<string, Output> {
  const output: Output = {
    schema: `subgraphs/${subgraph}/schema.graphql`,
    plugins: ['typescript', 'typescript-resolvers'],
    config: {
      federation: true,
      contextType: '../../../shared/graphql/context.ts#RequestContext',
      mappers,
      mapperTypeSuffix: 'Record',
      enumsAsTypes: true,
      immutableTypes: true,
      strictScalars: true,
      scalars: { ID: 'string', DateTime: 'Date', _FieldSet: 'never' },
    },
  };
  return { [`subgraphs/${subgraph}/generated/resolver-types.ts`]: output };
}

const config: CodegenConfig = {
  silent: true,
  importExtension: '.ts',
  config: { useTypeImports: true },
  generates: {
    'scripts/demo/generated/': clientTypes('scripts/demo/*.ts'),
    ...resolverTypes('user', { User: '../domain/user.ts#User' }),
    ...resolverTypes('order', { Order: '../domain/order.ts#Order', OrderItem: '../domain/order.ts#PricedLine' }),
    ...resolverTypes('inventory', {
      Product: '../domain/product.ts#Product',
      InventoryOperation: '../domain/operation.ts#Operation',
    }),
    ...resolverTypes('notification', {
      Notification: '../domain/notification.ts#Notification',
      NotificationProfile: '../domain/profile.ts#Profile',
      User: '../domain/profile.ts#UserReference',
    }),
    ...resolverTypes('sync', {
      RecordSync: '../domain/record-sync.ts#RecordSync',
      // A resolver gives all of it, never just a reference.
      SyncPipeline: 'SyncPipeline',
      User: '../domain/record-sync.ts#RecordReference',
      Order: '../domain/record-sync.ts#RecordReference',
      Product: '../domain/record-sync.ts#RecordReference',
    }),
  },
};

export default config;
