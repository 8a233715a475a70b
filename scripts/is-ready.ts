/** Exits 0 when the service on this machine's port, the first argument, is ready: a container's health check. */

const IN_TIME_MS = 2_500;

const [port = ''] = process.argv.slice(2);
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(IN_TIME_MS) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
