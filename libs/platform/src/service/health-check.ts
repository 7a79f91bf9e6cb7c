// A program: ends with 0 when the process it shares a container with is ready, with 1 otherwise. Images have no curl.
const WITHIN_MS = 4_000;
const { HEALTH_URL, METRICS_PORT = '9464' } = process.env;

const ready = await fetch(HEALTH_URL ?? `http://127.0.0.1:${METRICS_PORT}/readyz`, {
  signal: AbortSignal.timeout(WITHIN_MS),
}).then(
  ({ ok }) => ok,
  () => false,
);
process.exit(ready ? 0 : 1);

export {};
