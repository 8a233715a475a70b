import { performance } from 'node:perf_hooks';

/** Resolves when the dependency answers; rejects with why it does not. */
export type HealthCheck = () => Promise<unknown>;

export const HEALTH_STATES = ['ok', 'degraded', 'down'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

export interface Dependency {
  readonly check: HealthCheck;
  /** Without a critical dependency the service is `down`, without another it is `degraded`. */
  readonly critical: boolean;
}

export interface DependencyHealth {
  readonly status: 'ok' | 'down';
  readonly latencyMs: number;
  /** Present when down. */
  readonly error?: string;
}

export interface Health {
  readonly status: HealthState;
  readonly checks: Readonly<Record<string, DependencyHealth>>;
}

/** Probes are asked every few seconds; one that takes longer is as good as down. */
const CHECK_TIMEOUT_MS = 2_000;

/** Asks every dependency at once. */
export async function checkHealth(
  dependencies: Readonly<Record<string, Dependency>>,
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<Health> {
  const asked = Object.entries(dependencies).map(async ([name, { check }]): Promise<[string, DependencyHealth]> => [
    name,
    await ask(check, timeoutMs),
  ]);
  const checks = Object.fromEntries(await Promise.all(asked));
  const down = Object.entries(dependencies).filter(([name]) => checks[name]?.status === 'down');
  const status = down.length === 0 ? 'ok' : down.some(([, { critical }]) => critical) ? 'down' : 'degraded';
  return { status, checks };
}

async function ask(check: HealthCheck, timeoutMs: number): Promise<DependencyHealth> {
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - startedAt);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([check(), late]);
    return { status: 'ok', latencyMs: latencyMs() };
  } catch (error) {
    return { status: 'down', latencyMs: latencyMs(), error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
