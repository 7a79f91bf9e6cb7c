import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const topic = 'organization.single-sign-on';
const A = '01890a5d-ac96-774b-bcce-b302099a8057';
const B = '01890a5d-ac96-774b-bcce-b302099a8058';
const C = '01890a5d-ac96-774b-bcce-b302099a8059';
/** As DNS writes it: an A-label, lower case. It names an organization, no person. */
const domain = z.string();

/** How an organization's people sign in, told by organization: one stream `single-sign-on-<organizationId>` each, so that their order holds. */
export const singleSignOnFacts = {
  'SingleSignOnEnforced.v1': fact({
    name: 'SingleSignOnEnforced.v1',
    topic,
    says: "The organization's members with an address in its domains sign in by this connection alone. Said again, the newer values count; any other connection is off.",
    schema: z.object({
      organizationId: id,
      connectionId: id,
      /** Which configuration of the connection. */
      n: z.int().min(1),
      sessionHours: z.int().min(1).max(720),
      /** Whether the connection makes accounts of people whom nobody invited: the owner who switched it on. */
      justInTime: z.union([z.literal(false), id]),
      /** Members with an address elsewhere: allowed, with a second factor. */
      guests: z.enum(['allowed', 'none']),
      /** The owner who still signs in without the provider. */
      breakGlassAccountId: id.optional(),
    }),
    example: {
      organizationId: A,
      connectionId: B,
      n: 1,
      sessionHours: 24,
      justInTime: false,
      guests: 'allowed',
      breakGlassAccountId: C,
    },
  }),
  'SingleSignOnTurnedOff.v1': fact({
    name: 'SingleSignOnTurnedOff.v1',
    topic,
    says: 'The connection signs nobody in any more, and its sessions have ended.',
    schema: z.object({
      organizationId: id,
      connectionId: id,
      reason: z.enum(['owner', 'operator', 'replaced', 'removed']),
    }),
    example: { organizationId: A, connectionId: B, reason: 'owner' },
  }),
  'SingleSignOnEnding.v1': fact({
    name: 'SingleSignOnEnding.v1',
    topic,
    says: 'An operator turns the connection off at that instant, unless it is enforced anew before.',
    schema: z.object({ organizationId: id, connectionId: id, dueAt: z.iso.datetime() }),
    example: { organizationId: A, connectionId: B, dueAt: '2026-01-02T00:00:00.000Z' },
  }),
  'ScimTokenMade.v1': fact({
    name: 'ScimTokenMade.v1',
    topic,
    says: "The owner lets whoever holds this token keep the organization's people by SCIM: it is their standing invitation to each person who is kept there.",
    schema: z.object({ organizationId: id, connectionId: id, tokenId: id, accountId: id }),
    example: { organizationId: A, connectionId: B, tokenId: C, accountId: A },
  }),
  'ScimTokenRevoked.v1': fact({
    name: 'ScimTokenRevoked.v1',
    topic,
    says: 'The token opens nothing any more.',
    schema: z.object({ organizationId: id, connectionId: id, tokenId: id }),
    example: { organizationId: A, connectionId: B, tokenId: C },
  }),
  'ConnectionRemoved.v1': fact({
    name: 'ConnectionRemoved.v1',
    topic,
    says: 'The connection is gone, and with it whom it knew.',
    schema: z.object({ organizationId: id, connectionId: id }),
    example: { organizationId: A, connectionId: B },
  }),
  'CertificateExpiring.v1': fact({
    name: 'CertificateExpiring.v1',
    topic,
    says: "A certificate of the connection's provider ends soon. It still verifies afterwards; the provider may change it.",
    schema: z.object({
      organizationId: id,
      connectionId: id,
      expiresAt: z.iso.datetime(),
      days: z.literal([30, 7, 1]),
    }),
    example: { organizationId: A, connectionId: B, expiresAt: '2026-01-31T00:00:00.000Z', days: 30 },
  }),
  'BreakGlassUsed.v1': fact({
    name: 'BreakGlassUsed.v1',
    topic,
    says: 'The owner who may has signed in without the provider.',
    schema: z.object({ organizationId: id, accountId: id }),
    example: { organizationId: A, accountId: C },
  }),
  'DomainVerified.v1': fact({
    name: 'DomainVerified.v1',
    topic,
    says: "The organization has proved by DNS that the domain is its own. No other organization's it is.",
    schema: z.object({ organizationId: id, domain }),
    example: { organizationId: A, domain: 'acme.example' },
  }),
  'DomainMissed.v1': fact({
    name: 'DomainMissed.v1',
    topic,
    says: "The proof of the domain is no longer in DNS. It is the organization's still, until another proves it or 30 days have passed.",
    schema: z.object({ organizationId: id, domain, since: z.iso.datetime(), days: z.literal([0, 7, 14]) }),
    example: { organizationId: A, domain: 'acme.example', since: '2026-01-01T00:00:00.000Z', days: 0 },
  }),
  'DomainLapsed.v1': fact({
    name: 'DomainLapsed.v1',
    topic,
    says: 'The proof of the domain has been missing for 30 days: who is bound signs in as before, passwords stay off, nobody new is bound.',
    schema: z.object({ organizationId: id, domain }),
    example: { organizationId: A, domain: 'acme.example' },
  }),
  'DomainReleased.v1': fact({
    name: 'DomainReleased.v1',
    topic,
    says: "The domain is the organization's no longer: it was given up, or another organization has proved it.",
    schema: z.object({ organizationId: id, domain, reason: z.enum(['given-up', 'proved-by-another']) }),
    example: { organizationId: A, domain: 'acme.example', reason: 'given-up' },
  }),
} as const;
