import { createHash } from 'node:crypto';
import type { Sql } from '#event-sourcing';
import { addressDomain, makingKey, Problem } from '#platform';

/** Under which account and domain are joined: the key first, so that a copy of the database does not tell whose address lies where. */
export const domainKey = (installationKey: string): Buffer =>
  createHash('sha256').update('address-domain|').update(makingKey(installationKey, 'digests')).digest();

const domainDigest = (key: Buffer, domain: string): Buffer => createHash('sha256').update(key).update(domain).digest();

/** Whether the address of a member `m` lies in a domain of the organization. The first parameter is the domain key. */
export const AT_HOME = `EXISTS (
    SELECT FROM sso_domains d JOIN address_domains ad ON ad.account_id = m.account_id
     WHERE d.organization_id = m.organization_id AND ad.digest = sha256($1::bytea || convert_to(d.domain, 'UTF8')))`;

/**
 * To be joined to the account `a` of a query whose first parameter is the domain key: the connection that alone lets it in, and
 * whether it may also come by its own proofs, as the organization's break-glass owner. At most one: a domain has one organization.
 */
export const GOVERNED = `LATERAL (
  SELECT (array_agg(e.connection_id))[1] AS connection_id, coalesce(bool_or(e.break_glass_id = a.account_id), false) AS break_glass
    FROM organization_members m JOIN sso_enforced e USING (organization_id)
   WHERE m.account_id = a.account_id AND ${AT_HOME})`;

/**
 * Whether a session `s` of the account that `GOVERNED` was joined to (as `governed`) came by a way that is open. One that was shut out
 * stays so when its way is opened again, also before its stream says that it has ended.
 */
export const CAME_RIGHTLY = `CASE WHEN s.connection_id IS NULL
  THEN (governed.connection_id IS NULL OR governed.break_glass)
   AND NOT EXISTS (SELECT FROM password_locks l WHERE l.account_id = s.account_id AND l.locked_at > s.created_at)
  ELSE s.connection_id IS NOT DISTINCT FROM governed.connection_id
   AND NOT EXISTS (SELECT FROM sso_turned_off o WHERE o.connection_id = s.connection_id AND o.at > s.created_at) END`;

/** The connection that an account comes by. */
export interface Governed {
  readonly connectionId: string;
  /** It may come by its own proofs, too. */
  readonly breakGlass: boolean;
}

/** What stands between an account's own proofs and a session. */
export interface Governance {
  /** Undefined for an account that no organization's provider judges. */
  readonly governed: Governed | undefined;
  /** Its password opens nothing before the mailbox is proved. */
  readonly passwordLocked: boolean;
  /** As `credentialsOf`; undefined for an unknown account. */
  readonly credentials: number | undefined;
  /** The version of its stream, 0 for an unknown account. */
  readonly version: number;
}

export async function governanceOf(sql: Sql, key: Buffer, accountId: string): Promise<Governance> {
  const {
    rows: [row],
  } = await sql.query<{
    connection_id: string | null;
    break_glass: boolean;
    locked: boolean;
    credentials: number | null;
    version: number | null;
  }>({
    name: 'governance-of',
    text: `SELECT governed.*, EXISTS (SELECT FROM password_locks l WHERE l.account_id = a.account_id) AS locked,
                  (SELECT credentials FROM accounts WHERE account_id = a.account_id) AS credentials,
                  (SELECT version FROM streams WHERE id = $3) AS version
             FROM (SELECT $2::uuid AS account_id) AS a CROSS JOIN ${GOVERNED} AS governed`,
    values: [key, accountId, `account-${accountId}`],
  });
  const { connection_id: connectionId = null, break_glass: breakGlass = false, locked = false } = row ?? {};
  return {
    governed: connectionId === null ? undefined : { connectionId, breakGlass },
    passwordLocked: locked,
    credentials: row?.credentials ?? undefined,
    version: row?.version ?? 0,
  };
}

/** Undefined for an account that no organization's provider judges. */
export const governedBy = async (sql: Sql, key: Buffer, accountId: string): Promise<Governed | undefined> =>
  (await governanceOf(sql, key, accountId)).governed;

/** Whether a domain was another organization's after an instant: a mailbox in it proves nothing of who was there before. */
export async function changedHands(
  sql: Sql,
  domain: string,
  { organizationId, since }: { readonly organizationId: string; readonly since: Date },
): Promise<boolean> {
  const { rowCount } = await sql.query(
    'SELECT FROM sso_domains_past WHERE domain = $1 AND organization_id <> $2 AND until > $3 LIMIT 1',
    [domain, organizationId, since],
  );
  return (rowCount ?? 0) > 0;
}

/** An organization that lets its provider judge alone. */
export interface Enforced {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly n: number;
  readonly sessionHours: number;
  readonly justInTimeBy: string | undefined;
}

/** The one whose domain an address lies in, by the address alone. */
export async function enforcedFor(sql: Sql, email: string): Promise<(Enforced & { lapsed: boolean }) | undefined> {
  return enforcedBy(sql, 'JOIN sso_domains d USING (organization_id) WHERE d.domain = $1', addressDomain(email));
}

/** The one of a connection. */
export async function enforcedAs(sql: Sql, connectionId: string): Promise<Enforced | undefined> {
  return enforcedBy(sql, 'CROSS JOIN (SELECT false AS lapsed) AS d WHERE e.connection_id = $1', connectionId);
}

async function enforcedBy(sql: Sql, which: string, value: string) {
  const {
    rows: [row],
  } = await sql.query<{
    organization_id: string;
    connection_id: string;
    n: number;
    session_hours: number;
    just_in_time_by: string | null;
    lapsed: boolean;
  }>(
    `SELECT e.organization_id, e.connection_id, e.n, e.session_hours, e.just_in_time_by, d.lapsed FROM sso_enforced e ${which}`,
    [value],
  );
  return (
    row && {
      organizationId: row.organization_id,
      connectionId: row.connection_id,
      n: row.n,
      sessionHours: row.session_hours,
      justInTimeBy: row.just_in_time_by ?? undefined,
      lapsed: row.lapsed,
    }
  );
}

/** Addresses in a domain of which a provider judges alone change there. @throws Problem `account/address-managed` where one of these is */
export async function refuseManaged(sql: Sql, ...emails: readonly (string | undefined)[]): Promise<void> {
  for (const email of emails)
    if (email !== undefined && (await enforcedFor(sql, email)))
      throw new Problem(
        'account/address-managed',
        "This address lies in a domain of which an organization's identity provider judges alone: it changes there, and is taken over at the next sign-in.",
      );
}

/** An account has this address now. In the transaction that gives it one. */
export const keepAddressDomain = (sql: Sql, key: Buffer, accountId: string, email: string) =>
  sql.query(
    `INSERT INTO address_domains (account_id, digest) VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE SET digest = excluded.digest`,
    [accountId, domainDigest(key, addressDomain(email))],
  );
