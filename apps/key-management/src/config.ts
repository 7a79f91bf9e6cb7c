import { serviceConfig } from '#platform';
import { z } from 'zod';

/** What key-management is told beside what every service is told. */
export const keyManagementConfig = serviceConfig.extend({
  /** The platform's own brand before each key. */
  keyPrefix: z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'must be 2 to 12 lower-case letters and digits').default('rck'),
});

export type KeyManagementConfig = z.output<typeof keyManagementConfig>;
