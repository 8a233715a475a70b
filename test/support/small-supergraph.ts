import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external"])';

const SUBGRAPHS = {
  people: `${LINK}
    type Query { person(id: ID!): Person, people(first: Int = 2, kinds: [Kind!]): [Person!], strict: Person! }
    type Mutation { rename(input: RenameInput!): Person }
    type Subscription { renamed(id: ID): Person! }
    type Person @key(fields: "id") { id: ID! name: String kind: Kind }
    input RenameInput { id: ID! names: [NameInput!]! }
    input NameInput { text: String! weight: Int = 1 }
    enum Kind { HERE AWAY }`,
  letters: `${LINK}
    type Query { newest: String }
    type Person @key(fields: "id") { id: ID! letters: [String!] penPal: Person }`,
};

type SubgraphName = keyof typeof SUBGRAPHS;

interface Changes {
  /** SDL that a subgraph has besides. */
  readonly more?: Partial<Record<SubgraphName, string>>;
  /** Where a subgraph is instead of `http://<name>.example/graphql`. */
  readonly urls?: Partial<Record<SubgraphName, string>>;
  readonly without?: SubgraphName;
}

/** The SDL of a supergraph of two subgraphs that know no business: one has people, the other their letters. */
export function smallSupergraph({ more = {}, urls = {}, without }: Changes = {}): string {
  const names = (Object.keys(SUBGRAPHS) as SubgraphName[]).filter((name) => name !== without);
  const services = names.map((name) => ({
    name,
    url: urls[name] ?? `http://${name}.example/graphql`,
    typeDefs: parse(`${SUBGRAPHS[name]}\n${more[name] ?? ''}`),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], 'the small supergraph does not compose');
  return supergraphSdl;
}
