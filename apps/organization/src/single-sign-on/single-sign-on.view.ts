import type { organization as proto } from '#contracts';
import { Refused } from '#event-sourcing';
import { connectionUnknown, enforcedOf } from './connections.decider.ts';
import { proofOf } from './domain-proofs.ts';
import { domainUnknown, isHeld } from './domains.decider.ts';
import type { Configuration, Connection, Settings, SingleSignOn } from './vocabulary.decider.ts';

/** @throws Refused of one that is not there (any more) */
export function connectionOf(state: SingleSignOn, connectionId: string): Connection {
  const connection = state.connections.get(connectionId);
  if (!connection) throw new Refused(connectionUnknown);
  return connection;
}

/** draft | tested | enforced | off */
export function statusOf({ enforced, tested, off }: Connection): string {
  if (enforced) return 'enforced';
  if (tested) return 'tested';
  return off ? 'off' : 'draft';
}

/** As its owners see it: what is secret stays so. */
export function connectionView(organizationId: string, connectionId: string, state: SingleSignOn): proto.Connection {
  const connection = connectionOf(state, connectionId);
  const { name, newest, enforced, tested, settings, endsAt } = connection;
  return {
    connectionId,
    organizationId,
    name,
    status: statusOf(connection),
    n: newest?.n ?? 0,
    ...(enforced ? { enforcedN: enforced.n } : {}),
    ...(tested ? { testedAt: tested.at, provableFreshness: tested.fresh } : {}),
    ...(newest ? configurationView(newest.configuration) : {}),
    settings: settingsView(settings),
    ...(endsAt === undefined ? {} : { endsAt }),
  };
}

export function configurationView(configuration: Configuration): { oidc?: proto.OidcView; saml?: proto.SamlView } {
  if (configuration.protocol === 'oidc') {
    const { protocol: _, ...oidc } = configuration;
    return { oidc };
  }
  const { protocol: _, certificatesEndAt: __, metadataUrl: ___, certificates, ...saml } = configuration;
  return { saml: { ...saml, certificates: [...certificates] } };
}

export const settingsView = ({ justInTime, ...settings }: Settings): proto.ConnectionSettings => ({
  ...settings,
  ...(justInTime === false ? {} : { justInTime }),
});

/** @throws Refused of one that is not there (any more) */
export function domainView(organizationId: string, domainId: string, state: SingleSignOn): proto.Domain {
  const found = state.domains.get(domainId);
  if (!found) throw new Refused(domainUnknown);
  const { domain, token, status, expiresAt, provedAt, missing } = found;
  return {
    domainId,
    organizationId,
    domain,
    status,
    ...proofOf(domain, token),
    ...(status === 'claimed' ? { expiresAt } : {}),
    ...(provedAt === undefined ? {} : { provedAt }),
    ...(missing ? { missingSince: missing.since } : {}),
  };
}

/** The domains whose addresses are the organization's, as DNS writes them. */
export const domainsOf = ({ domains }: SingleSignOn): string[] =>
  domains
    .values()
    .filter(isHeld)
    .map(({ domain }) => domain)
    .sort();

export function governanceView(state: SingleSignOn): proto.Governance {
  const enforced = enforcedOf(state);
  const { sessionHours = 0, guests = '', breakGlassAccountId } = enforced?.settings ?? {};
  return {
    ...(enforced ? { connectionId: enforced.connectionId, connectionName: enforced.name } : {}),
    domains: domainsOf(state),
    sessionHours,
    guests,
    ...(breakGlassAccountId === undefined ? {} : { breakGlassAccountId }),
  };
}
