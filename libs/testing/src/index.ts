import type { HarnessOptions, ServiceHarness, Start } from './service-harness.ts';
import type { Neighbours } from './stand-in.ts';

export * from './given.ts';
export * from './catalogue.ts';
export * from './test-database.ts';
export * from './test-kafka.ts';
export * from './cluster.ts';
export type { HarnessOptions, ServiceHarness, Start } from './service-harness.ts';

/** Services at work for a test (`service-harness.ts`). Loaded when it is asked for: tests of pure functions need no framework. */
export const serviceHarness = async (
  starts: readonly Start[],
  neighbours?: Neighbours,
  options?: HarnessOptions,
): Promise<ServiceHarness> => (await import('./service-harness.ts')).serviceHarness(starts, neighbours, options);
export * from './stand-in.ts';
export * from './product.ts';
export * from './processes.ts';
export * from './tcp-proxy.ts';
export * from './test-browser.ts';
export * from './keycloak.ts';
export * from './lying-provider.ts';
export * from './security-key.ts';
export { freePort } from '#local-servers';
export * from './self-signed.ts';
export * from './dns-server.ts';
