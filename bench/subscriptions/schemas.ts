const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

/** The types of an event, for a server that is no subgraph. */
export const PLAIN_SCHEMA = `
  type Query { newest: Entry }
  type Subscription { told: Entry }
  type Entry { id: ID! number: Int! text: String }`;

/** A subgraph that tells events. */
export const LOG_SCHEMA = `${LINK}
  type Query { newest: Entry }
  type Subscription { told(after: String): Entry }
  type Entry @key(fields: "id") { id: ID! number: Int! text: String }`;

/** A subgraph that has something to add to each. */
export const REMARKS_SCHEMA = `${LINK}
  type Query { remark: String }
  type Entry @key(fields: "id") { id: ID! remark: String }`;

/** Answered by the event alone. */
export const EVENT_ALONE = 'subscription { told { id number text } }';
/** A second subgraph is asked for each event. */
export const WITH_REMARK = 'subscription { told { id number text remark } }';
