import { rowProjection, table } from '#event-sourcing';
import type { SingleSignOnEvent } from './vocabulary.decider.ts';

const CONNECTION_PLACES = table(
  'connection_places',
  { connection_id: 'uuid', organization_id: 'uuid', enforced: 'boolean' },
  'connection_id',
);
const DOMAIN_PLACES = table(
  'domain_places',
  { domain_id: 'uuid', organization_id: 'uuid', domain: 'text', held: 'boolean' },
  'domain_id',
);

/** Which organization a connection or a domain belongs to: written in the transaction of the events themselves. */
export const singleSignOnPlaces = rowProjection<SingleSignOnEvent>({
  name: 'single-sign-on-places-1',
  categories: ['single-sign-on'],
  tables: [CONNECTION_PLACES, DOMAIN_PLACES],
  change(rows, { id: organization_id, event }) {
    switch (event.type) {
      case 'ConnectionDrafted':
        rows.put(CONNECTION_PLACES, { connection_id: event.data.connectionId, organization_id, enforced: false });
        return;
      case 'SingleSignOnEnforced':
        rows.patch(CONNECTION_PLACES, { connection_id: event.data.connectionId }, { enforced: true });
        return;
      case 'SingleSignOnTurnedOff':
        rows.patch(CONNECTION_PLACES, { connection_id: event.data.connectionId }, { enforced: false });
        return;
      case 'ConnectionRemoved':
        rows.remove(CONNECTION_PLACES, { connection_id: event.data.connectionId });
        return;
      case 'DomainClaimed': {
        const { domainId: domain_id, domain } = event.data;
        rows.put(DOMAIN_PLACES, { domain_id, organization_id, domain, held: false });
        return;
      }
      case 'DomainVerified':
        rows.patch(DOMAIN_PLACES, { domain_id: event.data.domainId }, { held: true });
        return;
      case 'DomainReleased':
      case 'ClaimDropped':
        rows.remove(DOMAIN_PLACES, { domain_id: event.data.domainId });
        return;
      case 'ConnectionConfigured':
      case 'ConnectionSettled':
      case 'ConnectionTested':
      case 'CertificatesChanged':
      case 'SingleSignOnEnding':
      case 'CertificateExpiring':
      case 'BreakGlassUsed':
      case 'ScimTokenMade':
      case 'ScimTokenRevoked':
      case 'DomainMissed':
      case 'DomainLapsed':
    }
  },
});
