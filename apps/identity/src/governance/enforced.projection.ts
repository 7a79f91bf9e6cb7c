import { foreignProjection } from '#bus';
import { table } from '#event-sourcing';

const ENFORCED = table(
  'sso_enforced',
  {
    connection_id: 'uuid',
    organization_id: 'uuid',
    n: 'integer',
    session_hours: 'integer',
    just_in_time_by: 'uuid',
    guests: 'text',
    break_glass_id: 'uuid',
  },
  'connection_id',
);
const DOMAINS = table(
  'sso_domains',
  { domain: 'text', organization_id: 'uuid', lapsed: 'boolean' },
  'domain',
  'organization_id',
);
/** Connections that are gone; those whom they knew are let go one after the other. */
const REMOVED = table('sso_removed', { connection_id: 'uuid' }, 'connection_id');

const OFF = table('sso_turned_off', { connection_id: 'uuid', at: 'timestamptz' }, 'connection_id');
const PAST = table(
  'sso_domains_past',
  { domain: 'text', organization_id: 'uuid', until: 'timestamptz' },
  'domain',
  'organization_id',
);

/** Which organization lets its provider judge alone, and for which domains, as organization has stated it. */
export const enforced = foreignProjection({
  name: 'enforced-1',
  from: { 'organization.single-sign-on': ['single-sign-on'] },
  tables: [ENFORCED, DOMAINS, PAST, REMOVED, OFF],
  change(rows, { name, data, at }) {
    switch (name) {
      case 'SingleSignOnEnforced.v1':
        rows.put(ENFORCED, {
          connection_id: data.connectionId,
          organization_id: data.organizationId,
          n: data.n,
          session_hours: data.sessionHours,
          just_in_time_by: data.justInTime === false ? null : data.justInTime,
          guests: data.guests,
          break_glass_id: data.breakGlassAccountId ?? null,
        });
        return;
      case 'SingleSignOnTurnedOff.v1':
        rows.remove(ENFORCED, { connection_id: data.connectionId });
        rows.put(OFF, { connection_id: data.connectionId, at });
        return;
      case 'ConnectionRemoved.v1':
        rows.put(REMOVED, { connection_id: data.connectionId });
        return;
      case 'DomainVerified.v1':
        rows.put(DOMAINS, { domain: data.domain, organization_id: data.organizationId, lapsed: false });
        return;
      case 'DomainLapsed.v1':
        rows.patch(DOMAINS, { domain: data.domain, organization_id: data.organizationId }, { lapsed: true });
        return;
      case 'DomainReleased.v1':
        rows.remove(DOMAINS, { domain: data.domain, organization_id: data.organizationId });
        rows.put(PAST, { domain: data.domain, organization_id: data.organizationId, until: at });
        return;
      default:
    }
  },
});
