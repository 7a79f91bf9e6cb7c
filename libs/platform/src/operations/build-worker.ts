/** Works on one read model as a thread: `buildWork` starts it, hears each step, and may post `stop`. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  type BuildOptions,
  dropBuild,
  type Progress,
  promote,
  type Promoted,
  rebuild,
  rollback,
  verify,
  type Verified,
} from '#event-sourcing';
import { CallerTokens } from '../rpc/caller-tokens.ts';
import type { ServiceConfig } from '../base/config.ts';
import type { Tls } from '../base/tls.ts';
import { OwnerHistory } from '../history/owner-history.ts';
import { Peers } from '../rpc/peers.ts';
import { sourcesOf } from '../parts/read-models.ts';
import type { ServiceDefinition } from '../service/start-service.ts';

/** What is done to which read model. */
export interface WorkOrder {
  readonly action: 'rebuild' | 'promote' | 'rollback' | 'verify' | 'drop';
  readonly name: string;
  readonly n?: number;
  readonly shadow?: boolean;
  readonly evenIfDifferent?: boolean;
  readonly service: ServiceDefinition['name'];
  /** The file that exports the service's definition. */
  readonly definedIn: string;
  readonly who: string;
  readonly config: { readonly ownerDatabaseUrl: string } & Pick<ServiceConfig, 'peers' | 'callerKey'> & Tls;
}

export type Step = Progress;
export type Outcome = Partial<Promoted> & Partial<Verified>;

const SAY_EVERY_MS = 250;

const {
  action,
  name,
  n = 0,
  shadow = false,
  evenIfDifferent = false,
  service,
  definedIn,
  who,
  config,
} = workerData as WorkOrder;

const ending = new AbortController();
parentPort?.on('message', () => {
  ending.abort();
});
const peers = new Peers(config, new CallerTokens(service, { callerKey: config.callerKey, callerKeys: {} }));

let saidAt = -Infinity;
let phase = '';
const progress = (step: Step) => {
  if (step.phase === phase && performance.now() - saidAt < SAY_EVERY_MS) return;
  saidAt = performance.now();
  ({ phase } = step);
  parentPort?.postMessage({ step });
};

async function work(): Promise<Outcome> {
  const definition = Object.values(
    (await import(definedIn)) as Record<string, Partial<ServiceDefinition> | undefined>,
  ).find((each) => each?.name === service && each.readModels !== undefined);
  if (!definition?.readModels) throw new Error(`${definedIn} does not define ${service}`);
  const options: BuildOptions = {
    ownerDatabaseUrl: config.ownerDatabaseUrl,
    sources: sourcesOf(definition.readModels, service, new OwnerHistory(peers, service)),
    who,
    progress,
    signal: ending.signal,
  };
  switch (action) {
    case 'rebuild':
      return rebuild(options, name, { shadow, evenIfDifferent });
    case 'promote':
      return promote(options, name, { evenIfDifferent });
    case 'rollback':
      return rollback(options, name, { evenIfDifferent });
    case 'verify':
      return verify(options, name);
    case 'drop':
      await dropBuild(options, name, n);
      return {};
  }
}

try {
  parentPort?.postMessage({ outcome: await work() });
} catch (error) {
  parentPort?.postMessage({
    error: {
      name: error instanceof Error ? error.name : 'Error',
      message: error instanceof Error ? error.message : String(error),
    },
  });
} finally {
  peers.close();
  parentPort?.close();
}
