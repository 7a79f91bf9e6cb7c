import { keyName } from '#event-sourcing';
import { keyedDigest, ringOf, type Seals } from '#platform';
import type { OrganizationConfig } from './config.ts';

/** The keys of a purpose, derived from the ring's for seals: the first of them makes, all of them open. */
export function sealsOf({ installationKey }: Pick<OrganizationConfig, 'installationKey'>, purpose: string): Seals {
  const [sealing = '', ...older] = ringOf(installationKey, 'seals');
  const derived = (key: string) => Buffer.from(keyedDigest(key, 'seal', purpose), 'base64url');
  return { keys: [derived(sealing), ...older.map(derived)], first: keyName(Buffer.from(sealing, 'base64url')) };
}
