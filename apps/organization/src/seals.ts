import { keyedDigest, ringOf } from '#platform';
import type { OrganizationConfig } from './config.ts';

/** Keys that seal what stands beside the log for one purpose, and the name of the one that seals first. */
export interface Seals {
  readonly keys: readonly [Buffer, ...Buffer[]];
  readonly first: string;
}

/** The keys of a purpose, derived from the ring's for seals: the first of them makes, all of them open. */
export function sealsOf({ installationKey }: Pick<OrganizationConfig, 'installationKey'>, purpose: string): Seals {
  const [sealing = '', ...older] = ringOf(installationKey, 'seals');
  const derived = (key: string) => Buffer.from(keyedDigest(key, 'seal', purpose), 'base64url');
  return { keys: [derived(sealing), ...older.map(derived)], first: keyedDigest(sealing, 'seal', 'name').slice(0, 8) };
}
