import { within } from '#event-sourcing';
import { counted, includeProcess, registry, watched } from './metrics.ts';

/** Whether something may be asked. `reasons` say why not; `degraded` what is amiss though it may. */
export interface Judgement {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly degraded: readonly string[];
}

/** A service of this process, as who watches it sees it. */
export interface Observed {
  readonly judge: () => Promise<Judgement>;
  /** Looks up what is true now, part by part. */
  readonly parts: Readonly<Record<string, () => Promise<void>>>;
}

/** Prometheus gives up after 10 s. */
const ANSWER_MAX_MS = 4_000;
const services = new Map<string, Observed>();

/** The service can be watched from now on; call the answer when it ends. */
export function observe(service: string, observed: Observed): () => void {
  services.set(service, observed);
  return () => {
    if (services.get(service) === observed) services.delete(service);
  };
}

let scraping: Promise<string> | undefined;

/** The text that Prometheus reads. Who comes while it is being made gets the same: however often one asks, the databases are asked once at a time. */
export function scrape(withinMs = ANSWER_MAX_MS): Promise<string> {
  scraping ??= collect(withinMs).finally(() => {
    scraping = undefined;
  });
  return scraping;
}

async function collect(withinMs: number): Promise<string> {
  includeProcess();
  for (const gauge of Object.values(watched)) gauge.reset();
  await Promise.all(
    [...services].map(async ([service, { judge, parts }]) => {
      const until = performance.now() + withinMs;
      await part(service, 'readiness', until, async () => {
        watched.ready.set({ service }, (await judge()).ready ? 1 : 0);
      });
      // One after the other: a scrape holds one connection of a service at a time.
      for (const [name, look] of Object.entries(parts)) await part(service, name, until, look);
    }),
  );
  return registry.metrics();
}

/** A part that does not answer takes the time of all parts after it: a scrape that takes too long shows nothing at all. */
async function part(service: string, name: string, until: number, look: () => Promise<void>) {
  await within(until - performance.now(), look).catch(() => {
    counted.scrapeFailures.inc({ service, part: name });
  });
}

/** Every service of this process, judged now. */
export async function judgeAll(withinMs = ANSWER_MAX_MS): Promise<Record<string, Judgement>> {
  return Object.fromEntries(
    await Promise.all(
      [...services].map(
        async ([service, { judge }]) =>
          [
            service,
            await within(withinMs, judge).catch((): Judgement => ({
              ready: false,
              reasons: ['it cannot be told: it did not answer in time'],
              degraded: [],
            })),
          ] as const,
      ),
    ),
  );
}
