import type { Configuration, Settings, SingleSignOnEvent } from './vocabulary.decider.ts';

/** Example events, for tests and for reading. */
export const ids = {
  ada: '01890a5d-ac96-774b-bcce-b302099a8061',
  bob: '01890a5d-ac96-774b-bcce-b302099a8062',
  connection: '01890a5d-ac96-774b-bcce-b302099a8071',
  other: '01890a5d-ac96-774b-bcce-b302099a8072',
  domain: '01890a5d-ac96-774b-bcce-b302099a8081',
} as const;
const { connection: connectionId, domain: domainId } = ids;

export const AT = '2026-01-01T00:00:00.000Z';
export const hoursLater = (hours: number) => new Date(Date.parse(AT) + hours * 3_600_000).toISOString();

export const oidc = {
  protocol: 'oidc',
  issuer: 'https://login.acme.example',
  clientId: 'rollcall',
  clientAuthentication: 'client_secret_basic',
} as const satisfies Configuration;
export const saml = {
  protocol: 'saml',
  entityId: 'https://login.acme.example',
  signInUrl: 'https://login.acme.example/saml',
  certificates: ['-----BEGIN CERTIFICATE-----'],
  certificatesEndAt: hoursLater(40 * 24),
  certificate: '-----BEGIN CERTIFICATE-----',
} as const satisfies Configuration;
export const usual = { sessionHours: 24, justInTime: false, guests: 'allowed' } as const satisfies Settings;

export const drafted = {
  type: 'ConnectionDrafted',
  data: { connectionId, name: 'Acme' },
} as const satisfies SingleSignOnEvent;
export const configured = (n = 1, configuration: Configuration = oidc) =>
  ({ type: 'ConnectionConfigured', data: { connectionId, n, configuration } }) as const satisfies SingleSignOnEvent;
export const tested = (n = 1, at = AT) =>
  ({
    type: 'ConnectionTested',
    data: { connectionId, n, by: ids.ada, fresh: true, at },
  }) as const satisfies SingleSignOnEvent;
export const enforced = (n = 1, settings: Settings = usual) =>
  ({ type: 'SingleSignOnEnforced', data: { connectionId, n, ...settings } }) as const satisfies SingleSignOnEvent;
export const turnedOff = {
  type: 'SingleSignOnTurnedOff',
  data: { connectionId, reason: 'owner' },
} as const satisfies SingleSignOnEvent;
export const claimed = {
  type: 'DomainClaimed',
  data: { domainId, domain: 'acme.example', token: 'token', expiresAt: hoursLater(30 * 24) },
} as const satisfies SingleSignOnEvent;
export const verified = (at = AT) =>
  ({
    type: 'DomainVerified',
    data: { domainId, domain: 'acme.example', at, by: 'dns' },
  }) as const satisfies SingleSignOnEvent;
export const missed = (days: 0 | 7 | 14 = 0) =>
  ({
    type: 'DomainMissed',
    data: { domainId, domain: 'acme.example', since: AT, days },
  }) as const satisfies SingleSignOnEvent;
export const lapsed = {
  type: 'DomainLapsed',
  data: { domainId, domain: 'acme.example' },
} as const satisfies SingleSignOnEvent;
