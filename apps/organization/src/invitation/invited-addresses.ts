import { openAny, seal, type Sql, type Tx } from '#event-sourcing';
import { comparedEmail, keyedDigest, normalizedEmail, type SealedRows, type Seals, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationConfig } from '../config.ts';
import { sealsOf } from '../seals.ts';

/** A pending invitation, as its address's row knows it. */
export interface Pending {
  readonly invitationId: string;
  readonly organizationId: string;
  readonly inviterId: string;
  readonly email: string;
  readonly expiresAt: string;
}

const PURPOSE = 'invited-addresses';

/** The addresses of pending invitations: sealed rows beside the log, deleted when the invitation ends. */
@Injectable()
export class InvitedAddresses {
  private readonly seals: Seals;

  constructor(@Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig) {
    this.seals = sealsOf(config, PURPOSE);
  }

  digest(email: string): string {
    return keyedDigest(this.config.installationKey, 'invited-address', comparedEmail(email));
  }

  async keep(tx: Tx, { invitationId, organizationId, inviterId, email, expiresAt }: Pending): Promise<void> {
    await tx.query(
      'INSERT INTO invited_addresses (invitation_id, organization_id, inviter_id, email_digest, sealed, expires_at, sealed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [
        invitationId,
        organizationId,
        inviterId,
        this.digest(email),
        seal(this.seals.keys[0], bound(invitationId), Buffer.from(normalizedEmail(email))),
        expiresAt,
        this.seals.first,
      ],
    );
  }

  async find(sql: Sql, invitationId: string): Promise<string | undefined> {
    return (await this.findAll(sql, [invitationId])).get(invitationId);
  }

  async findAll(sql: Sql, invitationIds: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await sql.query<{ invitation_id: string; sealed: Buffer }>(
      'SELECT invitation_id, sealed FROM invited_addresses WHERE invitation_id = ANY($1::uuid[])',
      [invitationIds],
    );
    return new Map(
      rows.map(({ invitation_id, sealed }) => [
        invitation_id,
        openAny(this.seals.keys, bound(invitation_id), sealed).toString(),
      ]),
    );
  }
}

const bound = (invitationId: string) => `invitation|${invitationId}`;

export const sealedInvited = (config: Pick<OrganizationConfig, 'installationKey'>): SealedRows => ({
  purpose: 'seals',
  table: 'invited_addresses',
  id: ['invitation_id'],
  bound: ([invitationId = '']) => bound(invitationId),
  seals: sealsOf(config, PURPOSE),
});

/** Records that it was sent again: by which owner, and until when it is open. */
export async function prolong(
  tx: Tx,
  { invitationId, inviterId, expiresAt }: Omit<Pending, 'email' | 'organizationId'>,
): Promise<void> {
  await tx.query('UPDATE invited_addresses SET inviter_id = $2, expires_at = $3 WHERE invitation_id = $1', [
    invitationId,
    inviterId,
    expiresAt,
  ]);
}

export async function forget(tx: Tx, invitationId: string): Promise<void> {
  await tx.query('DELETE FROM invited_addresses WHERE invitation_id = $1', [invitationId]);
}

/** Forgets addresses whose invitation has expired; answers how many. `limit` null: all of them. */
export async function forgetExpired(sql: Sql, at: Date, limit: number | null = null): Promise<number> {
  const { rowCount } = await sql.query(
    'DELETE FROM invited_addresses WHERE invitation_id = ANY(ARRAY(SELECT invitation_id FROM invited_addresses WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2))',
    [at, limit],
  );
  return rowCount ?? 0;
}

export async function pendingCount(sql: Sql, organizationId: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM invited_addresses WHERE organization_id = $1',
    [organizationId],
  );
  return rows[0]?.count ?? 0;
}

/** Pending invitations of an organization: those to one address, or those that one owner stands for. */
export async function pendingOf(
  sql: Sql,
  organizationId: string,
  of: { emailDigest: string } | { inviterId: string },
): Promise<string[]> {
  const [column, value] = 'emailDigest' in of ? ['email_digest', of.emailDigest] : ['inviter_id', of.inviterId];
  const { rows } = await sql.query<{ invitation_id: string }>(
    `SELECT invitation_id FROM invited_addresses WHERE organization_id = $1 AND ${column} = $2 ORDER BY invitation_id`,
    [organizationId, value],
  );
  return rows.map((row) => row.invitation_id);
}
