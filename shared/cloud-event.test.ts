import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochOf, revisionOf, subjectMatches, versionOf } from './cloud-event.ts';

const epochs = fc.integer({ min: 0, max: 2 ** 21 - 1 });
const versions = fc.nat(2 ** 32 - 1);

describe('a revision', () => {
  test('gives its epoch and its version back, and is exact below 2⁵³', () => {
    fc.assert(
      fc.property(epochs, versions, (epoch, version) => {
        const revision = revisionOf(epoch, version);
        expect(Number.isSafeInteger(revision)).toBe(true);
        expect(epochOf(revision)).toBe(epoch);
        expect(versionOf(revision)).toBe(version);
        expect(Number(String(revision))).toBe(revision);
      }),
    );
  });

  test('grows with each version, and with each epoch whatever the versions are', () => {
    fc.assert(
      fc.property(epochs, fc.nat(2 ** 32 - 2), versions, (epoch, version, restored) => {
        expect(revisionOf(epoch, version + 1)).toBeGreaterThan(revisionOf(epoch, version));
        expect(revisionOf(epoch + 1, restored)).toBeGreaterThan(revisionOf(epoch, version));
      }),
    );
  });
});

describe('a subject pattern', () => {
  test.each([
    ['user.created', 'user.created'],
    ['user.*', 'user.created'],
    ['user.*', 'user.updated'],
    ['*.created', 'user.created'],
    ['*.*', 'order.placed'],
    ['*', 'user'],
  ])('%s takes %s', (pattern, type) => {
    expect(subjectMatches(pattern, type)).toBe(true);
  });

  test.each([
    ['user.created', 'user.updated'],
    ['user.*', 'order.placed'],
    ['user.*', 'user'],
    ['user.*', 'user.address.changed'],
    ['*', 'user.created'],
    ['user.c*', 'user.created'],
    ['user', 'user.created'],
    ['User.*', 'user.created'],
    ['user.>', 'user.created'],
  ])('%s does not take %s', (pattern, type) => {
    expect(subjectMatches(pattern, type)).toBe(false);
  });
});
