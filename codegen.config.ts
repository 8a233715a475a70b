import type { CodegenConfig } from '@graphql-codegen/cli';

type Output = CodegenConfig['generates'][string];

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
    ...resolverTypes('user', { User: '../domain/user.ts#User' }),
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
