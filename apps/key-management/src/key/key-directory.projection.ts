import { rowProjection, table } from '#event-sourcing';
import type { KeyEvent } from './key.decider.ts';

const KEYS = table(
  'key_directory',
  {
    key_id: 'uuid',
    digest: 'text',
    account_id: 'uuid',
    project_id: 'uuid',
    organization_id: 'uuid',
    name: 'text',
    start: 'text',
    scopes: 'text[]',
    created_at: 'timestamptz',
    works_until: 'timestamptz',
    revoked_at: 'timestamptz',
    addresses: 'text[]',
    replaced_by: 'uuid',
  },
  'key_id',
);

/** The rows that people see listed and that verdicts rest on: written in the transaction of the events themselves, so a revocation works at once. */
export const keyDirectory = rowProjection<KeyEvent>({
  name: 'key-directory-1',
  categories: ['key'],
  tables: [KEYS],
  change(rows, { id, event, occurredAt }) {
    switch (event.type) {
      case 'KeyIssued': {
        const {
          digest,
          accountId,
          projectId,
          organizationId,
          name,
          start,
          scopes,
          worksUntil,
          addresses = [],
        } = event.data;
        rows.put(KEYS, {
          key_id: id,
          digest,
          account_id: accountId,
          project_id: projectId,
          organization_id: organizationId,
          name,
          start,
          scopes,
          created_at: occurredAt,
          works_until: worksUntil,
          revoked_at: null,
          addresses,
          replaced_by: null,
        });
        return;
      }
      case 'KeyRotated':
        rows.patch(KEYS, { key_id: id }, { works_until: event.data.worksUntil, replaced_by: event.data.replacedBy });
        return;
      case 'KeyRenamed':
        rows.patch(KEYS, { key_id: id }, { name: event.data.name });
        return;
      case 'KeyRevoked':
        rows.patch(KEYS, { key_id: id }, { revoked_at: occurredAt });
        return;
      case 'KeyExpiring':
      case 'KeyLeakReported':
    }
  },
});
