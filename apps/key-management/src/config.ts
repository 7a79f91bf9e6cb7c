import { count, keyPrefix, serviceConfig } from '#platform';
import { z } from 'zod';

/** Key-management's settings beside those of every service. */
export const keyManagementConfig = serviceConfig.extend({
  /** The platform's own brand before each key. */
  keyPrefix: keyPrefix().default('rck'),
  /** Seconds for which a gateway may answer from memory after it asked, and thus what a revocation waits at most for one that hangs. 0: never, for hosts whose clocks can be stopped. */
  lease: z.coerce
    .number()
    .refine((seconds) => seconds === 0 || (seconds >= 2 && seconds <= 60), 'must be 0 (no leases), or 2 to 60 seconds')
    .default(10),
  /** Key reports that a network may send in an hour. */
  keyReportsPerNetworkAndHour: count(60),
  /** Active keys of a project. */
  keysPerProject: count(1_000),
});

export type KeyManagementConfig = z.output<typeof keyManagementConfig>;
