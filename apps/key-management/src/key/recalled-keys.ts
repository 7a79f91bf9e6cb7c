import { type EventStore, handle, type Tx } from '#event-sourcing';
import type { Reopened } from '#platform';
import { key } from './key.decider.ts';

/** Revokes the keys that gateways know as withdrawn and a reopened copy does not: why they were withdrawn nobody says, and one that was only being replaced is revoked with the others. */
export async function revokeRecalled(tx: Tx, store: EventStore, { at }: Reopened): Promise<void> {
  const { rows } = await tx.query<{ key_id: string }>(
    'SELECT k.key_id FROM recalled r JOIN key_directory k ON k.key_id = r.subject WHERE k.revoked_at IS NULL ORDER BY k.key_id',
  );
  const cause = { at, correlationId: 'log reopen', actor: 'service:gateway' };
  for (const { key_id: keyId } of rows)
    await handle(store, key, keyId, { type: 'RevokeKey', reason: 'operator' }, cause);
  await tx.query('DELETE FROM recalled');
  await tx.query('DELETE FROM floors');
}
