import { serviceConfig } from '#platform';
import { z } from 'zod';

/** What organization is told beside what every service is told. */
export const organizationConfig = serviceConfig.extend({
  /** How long a removal waits until every gate is known to enforce it. */
  enforceWithinMs: z.coerce.number().int().min(0).default(5_000),
});

export type OrganizationConfig = z.output<typeof organizationConfig>;
