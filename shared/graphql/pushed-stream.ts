import type { GraphQLError } from 'graphql';
import type { RequestContext } from './context.ts';

/** One result, written once for all who are given it. */
export interface SharedResult {
  /** The bytes that a transport sends, where `framing` writes the result's JSON into them: one and the same function for all clients. */
  framed(framing: (json: string) => string): Buffer;
}

/** How a pushed stream ends. */
interface PushedEnd {
  /** `stopping` says that the whole server stops: its clients come back by themselves, and are told nothing but that. */
  readonly reason: string;
  /** What the client is told; it has completed when there are none. */
  readonly errors: readonly GraphQLError[];
}

/** The connection's side of a stream. */
export interface PushSink {
  /** False says that nothing must be written before {@link PushedStream.drained} was called. What was given is taken in any case. */
  write(result: SharedResult): boolean;
  /** Called once, after the last `write`. */
  end(end: PushedEnd): void;
}

/** The engine's side of a stream. */
export interface PushedStream {
  /** The connection takes more again. */
  drained(): void;
  /** The client has left; the sink is not called any more. */
  leave(): void;
  /** A fresh token has come; false when it is of another identity. */
  refresh(context: RequestContext): boolean;
}

/** Begins a stream of results that the engine hands to each client's sink when they come. What goes wrong comes through `sink.end`. */
export type Push = (sink: PushSink) => PushedStream;
