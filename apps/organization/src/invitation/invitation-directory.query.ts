import type { organization } from '#contracts';
import type { Sql } from '#event-sourcing';
import type { Part } from '#platform';

interface Row {
  invitation_id: string;
  role: string;
  project_ids: string[];
  expires_at: Date;
  status: string;
}
interface OwnRow {
  invitation_id: string;
  organization_id: string;
  name: string;
  role: string;
  expires_at: Date;
}

/** The invitations that wait for an address, by its digest, as long as the inviting member is an owner there. One more than `limit` when there are more. */
export async function listOwnInvitations(
  sql: Sql,
  emailDigest: string,
  now: Date,
  { after, limit }: Part,
): Promise<organization.OwnInvitation[]> {
  const { rows } = await sql.query<OwnRow>(
    `SELECT a.invitation_id, a.organization_id, o.name, i.role, a.expires_at
       FROM invited_addresses a
       JOIN invitations i ON i.invitation_id = a.invitation_id AND i.status = 'pending'
       JOIN organizations o ON o.organization_id = a.organization_id
       JOIN members m ON m.organization_id = a.organization_id AND m.account_id = a.inviter_id AND m.role = 'owner' AND NOT (m.shut_by_provider OR m.shut_as_guest)
      WHERE a.email_digest = $1 AND a.expires_at > $2 AND ($3::uuid IS NULL OR a.invitation_id > $3) ORDER BY a.invitation_id LIMIT $4`,
    [emailDigest, now, after ?? null, limit + 1],
  );
  return rows.map((row) => ({
    invitationId: row.invitation_id,
    organizationId: row.organization_id,
    organizationName: row.name,
    role: row.role,
    expiresAt: row.expires_at.toISOString(),
  }));
}

/** Invitations of an organization, without their addresses. One more than `limit` when there are more. */
export async function listInvitations(
  sql: Sql,
  organizationId: string,
  now: Date,
  { after, limit }: Part,
): Promise<Omit<organization.Invitation, 'email'>[]> {
  const { rows } = await sql.query<Row>(
    `SELECT invitation_id, role, project_ids, expires_at, CASE WHEN status = 'pending' AND expires_at <= $2 THEN 'expired' ELSE status END AS status
       FROM invitations WHERE organization_id = $1 AND ($3::uuid IS NULL OR invitation_id > $3) ORDER BY invitation_id LIMIT $4`,
    [organizationId, now, after ?? null, limit + 1],
  );
  return rows.map(({ invitation_id: invitationId, role, project_ids: projectIds, expires_at, status }) => ({
    invitationId,
    organizationId,
    role,
    projectIds,
    expiresAt: expires_at.toISOString(),
    status,
  }));
}
