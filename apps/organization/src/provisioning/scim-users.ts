import { openAny, seal, type Sql, type Tx } from '#event-sourcing';
import { keyedDigest, type SealedRows, type Seals, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationConfig } from '../config.ts';
import { sealsOf } from '../seals.ts';
import type { ScimFilter } from './scim-filter.ts';
import type { ScimToken } from './scim-tokens.query.ts';
import type { ScimAttributes } from './scim-user.ts';

/** A person whom a provider keeps here. */
export interface ScimUser {
  readonly userId: string;
  /** Who it is here, as far as they have come since. */
  readonly accountId: string | undefined;
  readonly attributes: ScimAttributes;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

interface Row {
  user_id: string;
  account_id: string | null;
  active: boolean;
  sealed: Buffer;
  created_at: Date;
  changed_at: Date;
}

const PURPOSE = 'scim-users';
const UNIQUE = '23505';

/** The people whom providers keep here: sealed rows beside the log, found by keyed digests, gone with their connection. */
@Injectable()
export class ScimUsers {
  private readonly seals: Seals;

  constructor(@Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig) {
    this.seals = sealsOf(config, PURPOSE);
  }

  /** Whether it was kept: another user of the connection may have one of its names. */
  async add(tx: Tx, token: ScimToken, { userId, accountId, attributes, createdAt }: Omit<ScimUser, 'changedAt'>) {
    const { rowCount } = await tx.query(
      `INSERT INTO scim_users (user_id, connection_id, organization_id, account_id, active, user_name_digest, external_id_digest, person_digest, sealed, sealed_by, created_at, changed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT DO NOTHING`,
      [
        userId,
        token.connectionId,
        token.organizationId,
        accountId ?? null,
        ...this.columns(token, userId, attributes),
        createdAt,
      ],
    );
    return rowCount === 1;
  }

  /** Whether it was still as it was read. @throws what `isTaken` knows where another user has one of the names */
  async change(
    tx: Tx,
    token: ScimToken,
    before: ScimUser,
    { attributes, accountId, at }: { attributes: ScimAttributes; accountId: string | undefined; at: Date },
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE scim_users SET account_id = $3, active = $4, user_name_digest = $5, external_id_digest = $6, person_digest = $7, sealed = $8, sealed_by = $9, changed_at = greatest($10, changed_at + interval '1 ms')
        WHERE user_id = $1 AND changed_at = $2 AND account_id IS NOT DISTINCT FROM $11`,
      [
        before.userId,
        before.changedAt,
        accountId ?? null,
        ...this.columns(token, before.userId, attributes),
        at,
        before.accountId ?? null,
      ],
    );
    return rowCount === 1;
  }

  async find(sql: Sql, { connectionId }: ScimToken, userId: string): Promise<ScimUser | undefined> {
    const { rows } = await sql.query<Row>('SELECT * FROM scim_users WHERE user_id = $1 AND connection_id = $2', [
      userId,
      connectionId,
    ]);
    return rows[0] && this.opened(rows[0]);
  }

  /** A part of them in the order of their ids, and how many there are in all. */
  async list(
    sql: Sql,
    { connectionId }: ScimToken,
    filter: ScimFilter | undefined,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<{ total: number; users: ScimUser[] }> {
    const column = filter?.attribute === 'externalId' ? 'external_id_digest' : 'user_name_digest';
    const digest = filter && this.digest(connectionId, filter.attribute, filter.value);
    const where = `connection_id = $1 AND ($2::text IS NULL OR ${column} = $2)`;
    const values = [connectionId, digest ?? null];
    const { rows: counted } = await sql.query<{ total: number }>(
      `SELECT count(*)::int AS total FROM scim_users WHERE ${where}`,
      values,
    );
    const { rows } = await sql.query<Row>(
      `SELECT * FROM scim_users WHERE ${where} ORDER BY user_id OFFSET $3 LIMIT $4`,
      [...values, offset, limit],
    );
    return { total: counted[0]?.total ?? 0, users: rows.map((row) => this.opened(row)) };
  }

  async remove(tx: Tx, { connectionId }: ScimToken, userId: string): Promise<string | undefined> {
    const { rows } = await tx.query<{ account_id: string | null }>(
      'DELETE FROM scim_users WHERE user_id = $1 AND connection_id = $2 RETURNING account_id',
      [userId, connectionId],
    );
    return rows[0]?.account_id ?? undefined;
  }

  /** The one that goes by this name at sign-in. */
  async named(
    sql: Sql,
    connectionId: string,
    person: string,
  ): Promise<{ active: boolean; createdAt: Date } | undefined> {
    const { rows } = await sql.query<{ active: boolean; createdAt: Date }>(
      'SELECT active, created_at AS "createdAt" FROM scim_users WHERE connection_id = $1 AND person_digest = $2',
      [connectionId, this.digest(connectionId, 'person', person)],
    );
    return rows[0];
  }

  /** The same, from now on known to be this account. */
  async recognize(tx: Tx, connectionId: string, person: string, accountId: string) {
    await tx.query(
      'UPDATE scim_users SET account_id = $3 WHERE connection_id = $1 AND person_digest = $2 AND account_id IS DISTINCT FROM $3',
      [connectionId, this.digest(connectionId, 'person', person), accountId],
    );
    return this.named(tx, connectionId, person);
  }

  /** active, userName, externalId, person, sealed, sealed by */
  private columns({ connectionId, subject }: ScimToken, userId: string, attributes: ScimAttributes) {
    const { active, userName, externalId } = attributes;
    const person = attributes[subject];
    return [
      active,
      this.digest(connectionId, 'userName', userName),
      externalId === undefined ? null : this.digest(connectionId, 'externalId', externalId),
      person === undefined ? null : this.digest(connectionId, 'person', person),
      seal(this.seals.keys[0], bound(userId), Buffer.from(JSON.stringify(attributes))),
      this.seals.first,
    ];
  }

  private opened({ user_id: userId, account_id, sealed, created_at, changed_at }: Row): ScimUser {
    return {
      userId,
      accountId: account_id ?? undefined,
      attributes: JSON.parse(openAny(this.seals.keys, bound(userId), sealed).toString()) as ScimAttributes,
      createdAt: created_at,
      changedAt: changed_at,
    };
  }

  /** Of a userName case does not matter (RFC 7643 section 4.1.1). */
  private digest(connectionId: string, what: 'userName' | 'externalId' | 'person', value: string): string {
    const compared = what === 'userName' ? value.normalize('NFC').toLowerCase() : value;
    return keyedDigest(this.config.installationKey, `scim-${what}`, `${connectionId}|${compared}`);
  }
}

/** Whether another user of the connection has one of the names. */
export const isTaken = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === UNIQUE;

export const forgetScimUsers = (tx: Tx, connectionId: string) =>
  tx.query('DELETE FROM scim_users WHERE connection_id = $1', [connectionId]);

export const sealedUsers = (config: Pick<OrganizationConfig, 'installationKey'>): SealedRows => ({
  purpose: 'seals',
  table: 'scim_users',
  id: ['user_id'],
  bound: ([userId = '']) => bound(userId),
  seals: sealsOf(config, PURPOSE),
});

const bound = (userId: string) => `scim-user|${userId}`;
