import { z } from 'zod';
import { ofId } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

/** Of a provider, where browsers are sent or we ask. Whether it may be without TLS is judged by the service. */
const url = z
  .url({ protocol: /^https?$/, error: 'must be an address such as https://login.acme.example' })
  .max(1_000)
  .refine((text) => !/#|:\/\/[^/]*@/.test(text), 'must have neither a fragment nor a password');
/** OpenID Connect Discovery 1.0 §3. */
const issuer = url
  .refine((text) => !text.includes('?'), 'must have no query')
  .meta({ examples: ['https://login.acme.example'] });
const signInUrl = url.meta({ examples: ['https://login.acme.example/saml'] });
/** RFC 6749, appendix A: what a client is known by; URIs and the names of attributes are written so, too. */
const line = (max: number, example: string) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[ -~]*$/, 'must have printable ASCII characters alone')
    .meta({ examples: [example] });
const clientAuthentication = z.enum(['client_secret_basic', 'client_secret_post']);
const pem = z
  .string()
  .max(20_000)
  .meta({ examples: ['-----BEGIN CERTIFICATE-----\nMIIC…\n-----END CERTIFICATE-----\n'] });
const guests = z.enum(['allowed', 'none']);
const sessionHours = z
  .int()
  .min(1)
  .max(720)
  .meta({ examples: [24] });
const attribute = line(200, 'urn:oid:0.9.2342.19200300.100.1.1');

const oidc = z.object({ issuer: z.string(), clientId: z.string(), clientAuthentication });
const saml = z.object({
  entityId: z.string(),
  signInUrl: z.string(),
  certificates: z.array(pem),
  subjectAttribute: z.string().nullable(),
  emailAttribute: z.string().nullable(),
  /** Ours for this connection. */
  certificate: pem,
});
/** A connection as its organization's owners see it. Secrets go in and never come out. */
export const connection = z.object({
  id: shape.id,
  organizationId: shape.id,
  name: z.string().meta({ examples: ['Acme login'] }),
  status: z.enum(['draft', 'tested', 'enforced', 'off']),
  /** Which configuration is the newest, 0: none yet; and which signs people in. */
  configuration: z.int(),
  enforcedConfiguration: z.int().nullable(),
  /** The last good test of the newest configuration. */
  tested: z.object({ at: shape.instant, provableFreshness: z.boolean() }).nullable(),
  oidc: oidc.nullable(),
  saml: saml.nullable(),
  /** When an operator turns it off, unless it is enforced anew before. */
  endsAt: shape.instant.nullable(),
  settings: z.object({
    sessionHours,
    justInTime: z.object({ accountId: shape.id }).nullable(),
    guests,
    breakGlassAccountId: shape.id.nullable(),
  }),
  /** What the provider is to be told of us. */
  addresses: z.object({
    entityId: z.string(),
    callback: z.string(),
    acs: z.string(),
    metadata: z.string(),
    logout: z.string(),
  }),
});
export const domain = z.object({
  id: shape.id,
  organizationId: shape.id,
  domain: z.string().meta({ examples: ['acme.example'] }),
  status: z.enum(['claimed', 'verified', 'lapsed']),
  /** The TXT record that proves it. */
  record: z.object({
    name: z.string().meta({ examples: ['_rollcall.acme.example'] }),
    value: z.string().meta({ examples: ['rollcall-domain=Wq3n0mR8w6fK2tJx5vYb7cZdLhPsUaEg'] }),
  }),
  expiresAt: shape.instant.nullable(),
  provedAt: shape.instant.nullable(),
  missingSince: shape.instant.nullable(),
});
const subject = z.enum(['externalId', 'userName']);
const scimToken = z.object({
  id: shape.id,
  /** Whose standing invitation it is. */
  accountId: shape.id,
  subject,
  createdAt: shape.instant,
  revokedAt: shape.instant.nullable(),
});
const affected = z.object({ count: z.int(), people: z.array(shape.affectedPerson) });

/** Whether a provider is described in one way, wholly. */
function isOneProvider({
  metadataUrl,
  metadata,
  ...parts
}: Partial<Record<'metadataUrl' | 'metadata' | 'entityId' | 'signInUrl' | 'certificates', unknown>>): boolean {
  const given = [parts.entityId, parts.signInUrl, parts.certificates].filter((part) => part !== undefined).length;
  return (
    [metadataUrl !== undefined, metadata !== undefined, given === 3].filter(Boolean).length === 1 && given % 3 === 0
  );
}

/** Single sign-on as an organization's owners set it up. */
export const connectionRoutes = {
  listConnections: route({
    method: 'GET',
    path: '/v1/organizations/:id/connections',
    access: 'session',
    does: 'Lists the connections of the organization to identity providers. By owners.',
    params: ofId,
    answer: shape.list(connection),
  }),
  draftConnection: route({
    method: 'POST',
    path: '/v1/organizations/:id/connections',
    access: 'session',
    proof: true,
    does: 'Makes a connection that knows no provider yet. By owners.',
    params: ofId,
    body: z.strictObject({ name: shape.name }),
    status: 201,
    answer: connection,
  }),
  listDomains: route({
    method: 'GET',
    path: '/v1/organizations/:id/domains',
    access: 'session',
    does: 'Lists the domains of the organization and its claims, each with the record that proves it. By owners.',
    params: ofId,
    answer: shape.list(domain),
  }),
  claimDomain: route({
    method: 'POST',
    path: '/v1/organizations/:id/domains',
    access: 'session',
    proof: true,
    does: 'Claims a domain: answers the DNS record that proves it, within 30 days. Many may claim a domain; one organization has it. By owners.',
    params: ofId,
    body: z.strictObject({
      domain: z
        .string()
        .min(1)
        .max(253)
        .meta({ examples: ['acme.example'] }),
    }),
    status: 201,
    answer: domain,
  }),
  getGovernance: route({
    method: 'GET',
    path: '/v1/organizations/:id/governance',
    access: 'session',
    does: "Says how the organization's people sign in: by which connection, and whose addresses it is about.",
    params: ofId,
    answer: z.object({
      connection: z.object({ id: shape.id, name: z.string() }).nullable(),
      domains: z.array(z.string()),
      sessionHours: sessionHours.nullable(),
      guests: guests.nullable(),
      breakGlassAccountId: shape.id.nullable(),
    }),
  }),
  getConnection: route({
    method: 'GET',
    path: '/v1/connections/:id',
    access: 'session',
    does: 'Shows a connection, without its secrets. By owners.',
    params: ofId,
    answer: connection,
  }),
  previewConnection: route({
    method: 'GET',
    path: '/v1/connections/:id/preview',
    access: 'session',
    does: 'Says whom enforcing the connection would meet: who signs in there alone, who goes on as they do, and who would get no further without a second factor. Counts, and the first 100 of each. `inviters`: the owners whose standing invitation new people come by, through their SCIM tokens or because they let the provider make members. By owners.',
    params: ofId,
    answer: z.object({
      governed: affected,
      guests: affected,
      heldBack: affected,
      inviters: z.array(shape.affectedPerson),
    }),
  }),
  putOidc: route({
    method: 'PUT',
    path: '/v1/connections/:id/oidc',
    access: 'session',
    proof: true,
    does: 'Says how the provider is spoken to by OpenID Connect. What is enforced stays as it is until this is tested and enforced, too. By owners.',
    params: ofId,
    body: z.strictObject({
      issuer,
      clientId: line(500, 'rollcall'),
      clientSecret: line(1_000, 'k3PzW0vQ'),
      clientAuthentication: clientAuthentication.default('client_secret_basic'),
    }),
    answer: connection,
  }),
  putSaml: route({
    method: 'PUT',
    path: '/v1/connections/:id/saml',
    access: 'session',
    proof: true,
    does: 'Says how the provider is spoken to by SAML 2.0. What is enforced stays as it is until this is tested and enforced, too. By owners.',
    params: ofId,
    body: z
      .strictObject({
        metadataUrl: url.meta({ examples: ['https://login.acme.example/metadata'] }).optional(),
        metadata: z.string().min(1).max(500_000).optional(),
        entityId: line(1_024, 'https://login.acme.example').optional(),
        signInUrl: signInUrl.optional(),
        certificates: z.array(pem.min(1)).min(1).max(5).optional(),
        subjectAttribute: attribute.optional(),
        emailAttribute: attribute.optional(),
      })
      .refine(isOneProvider, 'must have metadataUrl, or metadata, or entityId, signInUrl and certificates')
      .meta({ examples: [{ metadataUrl: 'https://login.acme.example/metadata' }] }),
    answer: connection,
  }),
  putConnectionSettings: route({
    method: 'PUT',
    path: '/v1/connections/:id/settings',
    access: 'session',
    proof: true,
    does: 'Says what holds for people and sessions while the connection is enforced; at once, where it is. By owners.',
    params: ofId,
    body: z.strictObject({ sessionHours, justInTime: z.boolean(), guests, breakGlassAccountId: shape.id.nullable() }),
    otherStatus: 202,
    answer: connection.extend(shape.enforced.shape),
  }),
  enforceConnection: route({
    method: 'POST',
    path: '/v1/connections/:id/enforce',
    access: 'session',
    proof: true,
    does: 'From the answer on, members with an address in the domains sign in by this connection alone; any other is off. Wants a test and a proved domain of the last 24 hours. By owners.',
    params: ofId,
    body: shape.nothing,
    otherStatus: 202,
    answer: connection.extend(shape.enforced.shape),
  }),
  turnConnectionOff: route({
    method: 'POST',
    path: '/v1/connections/:id/turn-off',
    access: 'session',
    proof: true,
    does: 'Ends the sessions that the connection made; it signs nobody in any more. Each password waits for a mailed link. By owners.',
    params: ofId,
    body: shape.nothing,
    otherStatus: 202,
    answer: connection.extend(shape.enforced.shape),
  }),
  removeConnection: route({
    method: 'POST',
    path: '/v1/connections/:id/remove',
    access: 'session',
    proof: true,
    does: 'Turns the connection off and forgets it, with whom it knew. By owners.',
    params: ofId,
    body: shape.nothing,
    otherStatus: 202,
    answer: shape.enforced,
  }),
  unbindAccount: route({
    method: 'POST',
    path: '/v1/connections/:id/unbind',
    access: 'session',
    proof: true,
    does: "Nobody at the connection's provider is the holder of this account any more: its sessions through the connection end, and who comes next with its address is asked by mail. The same answer for every account. By owners.",
    params: ofId,
    body: z.strictObject({ accountId: shape.id }),
    answer: shape.nothing,
  }),
  listScimTokens: route({
    method: 'GET',
    path: '/v1/connections/:id/scim-tokens',
    access: 'session',
    does: 'Lists the tokens by which the provider keeps the people of the organization by SCIM, without their secrets. By owners.',
    params: ofId,
    answer: shape.list(scimToken),
  }),
  makeScimToken: route({
    method: 'POST',
    path: '/v1/connections/:id/scim-tokens',
    access: 'session',
    proof: true,
    does: 'Makes a token by which the provider keeps the people of the organization by SCIM (`/scim/v2`). The secret is in this answer alone. It is your standing invitation: each person whom the provider keeps becomes a member at their first sign-in there, as long as you own the organization. By owners.',
    params: ofId,
    body: z.strictObject({ subject: subject.default('externalId') }),
    status: 201,
    answer: scimToken.extend({
      secret: z.string().meta({ examples: ['rcscim_Wq3n0mR8w6fK2tJx5vYb7cZdLhPsUaEg1234567890a'] }),
    }),
  }),
  revokeScimToken: route({
    method: 'POST',
    path: '/v1/connections/:id/scim-tokens/:tokenId/revoke',
    access: 'session',
    proof: true,
    does: 'Revokes a SCIM token. Who is a member stays one; nobody becomes one by it any more. By owners.',
    params: z.strictObject({ id: shape.id, tokenId: shape.id }),
    body: shape.nothing,
    answer: scimToken,
  }),
  verifyDomain: route({
    method: 'POST',
    path: '/v1/domains/:id/verify',
    access: 'session',
    proof: true,
    does: "Looks for the record in DNS now: with it, the domain is the organization's. By owners.",
    params: ofId,
    body: shape.nothing,
    otherStatus: 202,
    answer: domain.extend(shape.enforced.shape),
  }),
  releaseDomain: route({
    method: 'POST',
    path: '/v1/domains/:id/release',
    access: 'session',
    proof: true,
    does: 'Gives the domain or the claim up. By owners.',
    params: ofId,
    body: shape.nothing,
    otherStatus: 202,
    answer: shape.enforced,
  }),
} as const;
