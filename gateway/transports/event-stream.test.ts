import { expect, test } from 'vitest';
import { Delivery } from '../subscriptions/delivery.ts';
import { eventStream, resumableEventStream } from './event-stream.ts';
import { multipart } from './multipart.ts';

const written = (delivery: Delivery): string => Buffer.concat([...resumableEventStream.frames(delivery)]).toString();

test('the cursor stands behind the data, as the id of the event', () => {
  const delivery = new Delivery('{"data":1}', { cursor: 'c1' });
  expect(written(delivery)).toBe('event: next\ndata: {"data":1}\nid: c1\n\n');
  expect(eventStream.frames(delivery).join('')).toBe('event: next\ndata: {"data":1}\n\n');
});

test('a checkpoint is an id alone: no event is told, and the next connection begins there', () => {
  expect(written(new Delivery('{"data":null}', { cursor: 'c2', checkpoint: true }))).toBe('id: c2\n\n');
});

test.each(['a\nevent: complete', 'a\rb', 'a\0', 'ä', '', ' '])('a cursor that is no line is no id: %j', (cursor) => {
  expect(written(new Delivery('{"data":1}', { cursor }))).toBe('event: next\ndata: {"data":1}\n\n');
  expect(written(new Delivery('{"data":null}', { cursor, checkpoint: true }))).toBe('');
});

test('a result without a cursor has no id', () => {
  expect(written(new Delivery('{"data":1}'))).toBe('event: next\ndata: {"data":1}\n\n');
});

test.each([eventStream, resumableEventStream, multipart])(
  'the bytes of a result are shared by all who are given it',
  (format) => {
    const delivery = new Delivery('{"data":1}', { cursor: 'c1' });
    expect(format.frames(delivery)[0]).toBe(format.frames(delivery)[0]);
  },
);
