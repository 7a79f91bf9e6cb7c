import { hkdfSync } from 'node:crypto';
import { open, seal, type Sql } from '#event-sourcing';

/** The key that seals invited addresses, of the installation's own. */
export const addressKey = (installationKey: string): Buffer => Buffer.from(hkdfSync('sha256', Buffer.from(installationKey, 'base64url'), '', 'invited-address', 32));

export async function keepAddress(sql: Sql, key: Buffer, invited: { invitationId: string; organizationId: string; email: string }): Promise<void> {
  await sql.query('INSERT INTO invited_addresses (invitation_id, organization_id, sealed) VALUES ($1, $2, $3)', [invited.invitationId, invited.organizationId, seal(key, invited.invitationId, Buffer.from(invited.email))]);
}

export async function findAddress(sql: Sql, key: Buffer, invitationId: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ sealed: Buffer }>('SELECT sealed FROM invited_addresses WHERE invitation_id = $1', [invitationId]);
  return rows[0] && openAddress(key, invitationId, rows[0].sealed);
}

export const openAddress = (key: Buffer, invitationId: string, sealed: Buffer): string => open(key, invitationId, sealed).toString();

/** The invitation has ended: nobody needs the address any more. */
export async function dropAddress(sql: Sql, invitationId: string): Promise<void> {
  await sql.query('DELETE FROM invited_addresses WHERE invitation_id = $1', [invitationId]);
}

export async function countPending(sql: Sql, organizationId: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM invited_addresses WHERE organization_id = $1', [organizationId]);
  return rows[0]?.count ?? 0;
}

/** `a…@e….com`: enough to know it again, too little to learn it. */
export function maskedEmail(email: string): string {
  const [local = '', domain = ''] = email.split('@');
  return `${local.slice(0, 1)}…@${domain.slice(0, 1)}…${domain.slice(domain.lastIndexOf('.'))}`;
}
