import type { AnswerOf, organization, routes } from '#contracts';
import { required } from '../account/views.ts';

type Connection = AnswerOf<typeof routes.getConnection>;
type Domain = AnswerOf<typeof routes.claimDomain>;

/** A connection, with what its provider is to be told of us. @param origin where we are reached */
export const connectionView = (
  {
    connectionId,
    organizationId,
    name,
    status,
    n,
    enforcedN,
    testedAt,
    provableFreshness,
    oidc,
    saml,
    settings,
    endsAt,
  }: organization.Connection,
  origin: string,
): Connection => ({
  id: connectionId,
  organizationId,
  name,
  status: status as Connection['status'],
  configuration: n,
  enforcedConfiguration: enforcedN ?? null,
  tested: testedAt == null ? null : { at: testedAt, provableFreshness: provableFreshness === true },
  oidc: oidc ? (oidc as Connection['oidc']) : null,
  saml: saml
    ? { ...saml, subjectAttribute: saml.subjectAttribute ?? null, emailAttribute: saml.emailAttribute ?? null }
    : null,
  endsAt: endsAt ?? null,
  settings: settingsView(required(settings, 'settings')),
  addresses: addressesOf(`${origin}/sso/${connectionId}`),
});

const settingsView = ({
  sessionHours,
  justInTime,
  guests,
  breakGlassAccountId,
}: organization.ConnectionSettings): Connection['settings'] => ({
  sessionHours,
  justInTime: justInTime == null ? null : { accountId: justInTime },
  guests: guests as Connection['settings']['guests'],
  breakGlassAccountId: breakGlassAccountId ?? null,
});

const addressesOf = (entityId: string): Connection['addresses'] => ({
  entityId,
  callback: `${entityId}/callback`,
  acs: `${entityId}/acs`,
  metadata: `${entityId}/metadata`,
  logout: `${entityId}/logout`,
});

export const domainView = ({
  domainId,
  organizationId,
  domain,
  status,
  recordName,
  recordValue,
  expiresAt,
  provedAt,
  missingSince,
}: organization.Domain): Domain => ({
  id: domainId,
  organizationId,
  domain,
  status: status as Domain['status'],
  record: { name: recordName, value: recordValue },
  expiresAt: expiresAt ?? null,
  provedAt: provedAt ?? null,
  missingSince: missingSince ?? null,
});

export const governanceView = ({
  connectionId,
  connectionName = '',
  domains,
  sessionHours,
  guests,
  breakGlassAccountId,
}: organization.Governance): AnswerOf<typeof routes.getGovernance> => ({
  connection: connectionId == null ? null : { id: connectionId, name: connectionName },
  domains,
  sessionHours: connectionId == null ? null : sessionHours,
  guests: connectionId == null ? null : (guests as 'allowed' | 'none'),
  breakGlassAccountId: breakGlassAccountId ?? null,
});
