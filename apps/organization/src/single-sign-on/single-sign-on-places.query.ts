import type { organization as proto } from '#contracts';
import type { Sql } from '#event-sourcing';

const one = async (sql: Sql, query: string, id: string): Promise<string | undefined> =>
  (await sql.query<{ organization_id: string }>(query, [id])).rows[0]?.organization_id;

/** The organization that a connection belongs to. */
export const organizationOfConnection = (sql: Sql, connectionId: string) =>
  one(sql, 'SELECT organization_id FROM connection_places WHERE connection_id = $1', connectionId);

/** The organization that a domain or a claim belongs to. */
export const organizationOfDomain = (sql: Sql, domainId: string) =>
  one(sql, 'SELECT organization_id FROM domain_places WHERE domain_id = $1', domainId);

/** The organization that has proved a domain. */
export const holderOf = (sql: Sql, domain: string) =>
  one(sql, 'SELECT organization_id FROM domain_places WHERE domain = $1 AND held', domain);

/** The organizations of an account that let their provider judge alone. */
export async function enforcingOf(sql: Sql, accountId: string): Promise<string[]> {
  const { rows } = await sql.query<{ organization_id: string }>({
    name: 'enforcing-of',
    text: 'SELECT organization_id FROM member_places JOIN connection_places USING (organization_id) WHERE account_id = $1 AND enforced ORDER BY organization_id',
    values: [accountId],
  });
  return rows.map((row) => row.organization_id);
}

/** For operators: the first 200 connections, those that are enforced before others. */
export async function listConnections(sql: Sql): Promise<proto.ListedConnection[]> {
  const { rows } = await sql.query<proto.ListedConnection>(
    `SELECT organization_id AS "organizationId", coalesce(name, '') AS "organizationName", connection_id AS "connectionId", enforced,
            ARRAY(SELECT domain FROM domain_places d WHERE d.organization_id = c.organization_id AND held ORDER BY domain) AS domains
       FROM connection_places c LEFT JOIN organizations USING (organization_id) ORDER BY enforced DESC, connection_id LIMIT 200`,
  );
  return rows;
}
