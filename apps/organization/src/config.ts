import { count, privateHosts, serviceConfig } from '#platform';
import { z } from 'zod';

/** Organization's settings beside those of every service. */
export const organizationConfig = serviceConfig.extend({
  /** How long an answer waits until every gate knows of a withdrawal; then it says that it does not know yet. */
  enforceWithinMs: count(5_000, { min: 0, max: 10_000 }),
  /** Invitations of one organization that may wait for an answer at the same time. */
  pendingInvitationsMax: count(50),
  /** Organizations that an account may be in when it creates one. */
  organizationsPerAccount: count(100),
  /** Active projects of an organization. */
  projectsPerOrganization: count(10_000),
  /** Providers that are in a private network, or speak plain http: `host:port`, with commas between. */
  ssoPrivateHosts: privateHosts().optional(),
  /** Where proofs of domains are looked for: addresses of DNS servers, with commas between; without it those of the system. */
  ssoDnsServers: z
    .string()
    .regex(
      /^[\da-f.:[\]]+(,[\da-f.:[\]]+)*$/i,
      'must be addresses of DNS servers, such as 1.1.1.1 or 127.0.0.1:5353, with commas between',
    )
    .optional(),
});

export type OrganizationConfig = z.output<typeof organizationConfig>;
