import { serviceConfig } from '#platform';
import { z } from 'zod';

/** Inactivity-policy's settings beside those of every service. */
export const inactivityPolicyConfig = serviceConfig.extend({
  /** Days without any activity after which an account is dormant. */
  thresholdDays: z.coerce.number().int().min(15, 'must leave a day before the notice begins: at least 15').default(180),
  /** Days between notice and suspension. */
  noticeDays: z.coerce.number().int().min(14, 'nobody is suspended with less than 14 days of notice').default(14),
});

export type InactivityPolicyConfig = z.output<typeof inactivityPolicyConfig>;
