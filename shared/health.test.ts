import { describe, expect, test } from 'vitest';
import { checkHealth, type Dependency } from './health.ts';

const up: Dependency['check'] = () => Promise.resolve();
const down: Dependency['check'] = () => Promise.reject(new Error('connection refused'));

describe('a service', () => {
  test.each([
    { status: 'ok', when: 'it depends on nothing', dependencies: {} },
    {
      status: 'ok',
      when: 'every dependency answers',
      dependencies: { database: { check: up, critical: true }, bus: { check: up, critical: false } },
    },
    {
      status: 'degraded',
      when: 'only what is not critical is down',
      dependencies: { database: { check: up, critical: true }, bus: { check: down, critical: false } },
    },
    {
      status: 'down',
      when: 'something critical is down',
      dependencies: { database: { check: down, critical: true }, bus: { check: up, critical: false } },
    },
    {
      status: 'down',
      when: 'everything is down',
      dependencies: { database: { check: down, critical: true }, bus: { check: down, critical: false } },
    },
  ])('is $status when $when', async ({ status, dependencies }) => {
    const health = await checkHealth(dependencies);
    expect(health.status).toBe(status);
    expect(Object.keys(health.checks)).toEqual(Object.keys(dependencies));
  });

  test('tells which dependency is down and why, and how long each took', async () => {
    const { checks } = await checkHealth({
      database: { check: up, critical: true },
      bus: { check: down, critical: false },
    });
    expect(checks).toEqual({
      database: { status: 'ok', latencyMs: expect.any(Number) },
      bus: { status: 'down', latencyMs: expect.any(Number), error: 'connection refused' },
    });
  });

  test('is down when a check throws rather than rejects, or rejects with what is no error', async () => {
    const thrown = (): never => {
      throw new Error('no driver');
    };
    const text = (): Promise<never> => Promise.reject('no route');
    const { checks } = await checkHealth({
      thrown: { check: thrown, critical: true },
      text: { check: text, critical: true },
    });
    expect(checks).toMatchObject({ thrown: { error: 'no driver' }, text: { error: 'no route' } });
  });

  test('takes a dependency that does not answer in time for down', async () => {
    const hanging: Dependency = { check: () => Promise.withResolvers<void>().promise, critical: true };
    const { status, checks } = await checkHealth({ hanging, well: { check: up, critical: true } }, 50);
    expect(status).toBe('down');
    expect(checks['hanging']).toMatchObject({ status: 'down', error: 'no answer within 50 ms' });
    expect(checks['well']).toMatchObject({ status: 'ok' });
  });

  test('asks all its dependencies at once', async () => {
    const asked = { one: Promise.withResolvers<void>(), other: Promise.withResolvers<void>() };
    const { status } = await checkHealth({
      one: { critical: true, check: () => (asked.one.resolve(), asked.other.promise) },
      other: { critical: true, check: () => (asked.other.resolve(), asked.one.promise) },
    });
    expect(status).toBe('ok');
  });
});
