/** One type that a client takes, by its `Accept` header (RFC 9110 §12.5.1). Names are lower case. */
interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** From 0, never, to 1. */
  readonly quality: number;
}

/** A protocol in which subscriptions are answered over HTTP. */
export type StreamType = 'sse' | 'multipart';

/** A browser opens a stream of events by GET; Apollo's protocol is for POST. */
export function offeredTo(method: string): readonly StreamType[] {
  return method === 'POST' ? ['sse', 'multipart'] : ['sse'];
}

/** How a client wants to be answered. */
export interface Wanted {
  /**
   * The stream that it likes best. It must be named: who takes anything, as most programs say that they do, waits for an answer that ends.
   */
  readonly stream: StreamType | undefined;
  /** The JSON that it likes best; undefined when it takes none. */
  readonly json: string | undefined;
}

const JSON_TYPES = ['application/json', 'application/graphql-response+json'] as const;
/** What `Accept` must hold for each kind of stream, as clients are told. */
export const STREAM_TYPES: Readonly<Record<StreamType, string>> = {
  sse: 'text/event-stream',
  multipart: 'multipart/mixed;subscriptionSpec=1.0',
};
const MULTIPART_VERSION = '1.0';

/** Chooses by quality, and among equals what the client names first; of the streams, one that is offered. */
export function wantedBy(accept: string | undefined, offered: readonly StreamType[]): Wanted {
  if (accept === undefined || accept.trim() === '') return { stream: undefined, json: JSON_TYPES[0] };
  const ranges = mediaRanges(accept);
  const streams = ranges
    .map((range) => ({ stream: streamOf(range), quality: range.quality }))
    .filter(({ stream, quality }) => stream !== undefined && offered.includes(stream) && quality > 0);
  return { stream: best(streams)?.stream, json: jsonWanted(ranges) };
}

function streamOf({ type, parameters }: MediaRange): StreamType | undefined {
  if (type === 'text/event-stream') return 'sse';
  const version = parameters.get('subscriptionspec');
  return type === 'multipart/mixed' && version === MULTIPART_VERSION ? 'multipart' : undefined;
}

/** Plain JSON, unless the client names the other first or likes it better: a wildcard says nothing about new types. */
function jsonWanted(ranges: readonly MediaRange[]): string | undefined {
  const liked = JSON_TYPES.flatMap((type) => {
    const range = rangeFor(type, ranges);
    if (range === undefined || range.quality === 0) return [];
    return { type, quality: range.quality, at: ranges.indexOf(range) };
  });
  return best(liked.toSorted((one, other) => one.at - other.at))?.type;
}

/** The most specific range that speaks of a type. */
function rangeFor(type: string, ranges: readonly MediaRange[]): MediaRange | undefined {
  const [kind] = type.split('/');
  for (const name of [type, `${kind}/*`, '*/*']) {
    const range = ranges.find((one) => one.type === name);
    if (range !== undefined) return range;
  }
  return undefined;
}

/** The first of those with the highest quality. */
function best<T extends { readonly quality: number }>(choices: readonly T[]): T | undefined {
  const highest = Math.max(...choices.map(({ quality }) => quality));
  return choices.find(({ quality }) => quality === highest);
}

/** A text up to a separator; within quotes a separator is none. */
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
const PARAMETER = /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g;

function mediaRanges(accept: string): MediaRange[] {
  return (accept.match(ELEMENT) ?? []).map((element) => {
    const [type = '', ...rest] = element.match(PARAMETER) ?? [];
    const parameters = new Map(rest.map(parameter));
    return { type: type.trim().toLowerCase(), parameters, quality: qualityOf(parameters.get('q')) };
  });
}

function parameter(text: string): [string, string] {
  const at = text.indexOf('=');
  const [name, value] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1).trim()];
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  return [name.trim().toLowerCase(), quoted === undefined ? value : quoted.replaceAll(/\\(.)/gs, '$1')];
}

/** 1 when it is left out, or no number. */
function qualityOf(text: string | undefined): number {
  const quality = Number(text ?? 1);
  return Number.isNaN(quality) ? 1 : Math.min(Math.max(quality, 0), 1);
}
