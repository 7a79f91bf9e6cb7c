import type { Projection, RecordedEvent, Tx } from '#event-sourcing';
import type { KeyEvent } from '../key/key.decider.ts';

/** What people see listed and verdicts are judged from: written in the transaction of the events themselves, so revoked is revoked now. */
export const keyDirectory: Projection = {
  name: 'key-directory-1',
  categories: ['key'],
  tables: ['key_directory'],
  async apply(tx, events) {
    for (const event of events as readonly RecordedEvent<KeyEvent>[]) await row(tx, event);
  },
};

async function row(tx: Tx, { id, event, occurredAt }: RecordedEvent<KeyEvent>) {
  switch (event.type) {
    case 'KeyIssued': {
      const { digest, accountId, projectId, organizationId, name, start, scopes, worksUntil } = event.data;
      await tx.query(
        `INSERT INTO key_directory (key_id, digest, account_id, project_id, organization_id, name, start, scopes, created_at, works_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [id, digest, accountId, projectId, organizationId, name, start, scopes, occurredAt, worksUntil]);
      return;
    }
    case 'KeyRotated':
      await tx.query('UPDATE key_directory SET works_until = $2 WHERE key_id = $1', [id, event.data.worksUntil]);
      return;
    case 'KeyRevoked':
      await tx.query('UPDATE key_directory SET revoked_at = $2 WHERE key_id = $1', [id, occurredAt]);
      return;
    case 'KeyLeakReported':
      return;
  }
}
