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
