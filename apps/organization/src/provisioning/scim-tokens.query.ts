import type { organization as proto } from '#contracts';
import type { Sql } from '#event-sourcing';
import { Problem } from '#platform';
import type { PersonName } from '../single-sign-on/vocabulary.decider.ts';

/** A token that opens something: of which connection, and whose standing invitation it is. */
export interface ScimToken {
  readonly connectionId: string;
  readonly organizationId: string;
  readonly accountId: string;
  readonly subject: PersonName;
}

/** @param digest SHA-256 of the secret, hexadecimal. @throws Problem `scim-token/refused` */
export async function scimTokenBy(sql: Sql, digest: string): Promise<ScimToken> {
  const { rows } = await sql.query<ScimToken>(
    `SELECT connection_id AS "connectionId", organization_id AS "organizationId", account_id AS "accountId", subject
       FROM scim_tokens WHERE digest = $1 AND revoked_at IS NULL`,
    [digest],
  );
  if (rows[0]) return rows[0];
  throw new Problem(
    'scim-token/refused',
    'This SCIM token is unknown here or was revoked, or its connection is gone. An owner of the organization makes another.',
  );
}

/** The tokens of a connection, those that open nothing any more too; the newest first. */
export async function listScimTokens(sql: Sql, connectionId: string): Promise<proto.ScimToken[]> {
  const { rows } = await sql.query<{
    token_id: string;
    account_id: string;
    subject: string;
    created_at: Date;
    revoked_at: Date | null;
  }>('SELECT * FROM scim_tokens WHERE connection_id = $1 ORDER BY token_id DESC LIMIT 100', [connectionId]);
  return rows.map(({ token_id: tokenId, account_id: accountId, subject, created_at, revoked_at }) => ({
    tokenId,
    accountId,
    subject,
    createdAt: created_at.toISOString(),
    ...(revoked_at ? { revokedAt: revoked_at.toISOString() } : {}),
  }));
}
