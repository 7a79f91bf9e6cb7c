import type { Sql } from '#event-sourcing';

/** What the organizations of an account ask of it. */
export interface Demands {
  readonly idleTimeout: boolean;
  /** `from` is the earliest instant of theirs; it may lie ahead. */
  readonly secondFactor: { readonly from: Date; readonly organizationIds: readonly string[] } | undefined;
}

export async function demandsOf(sql: Sql, accountId: string): Promise<Demands> {
  const { rows } = await sql.query<{ organization_id: string; idle: boolean; demanded_from: Date | null }>(
    `SELECT organization_id, i.organization_id IS NOT NULL AS idle, f.demanded_from
       FROM organization_members m LEFT JOIN idle_demands i USING (organization_id) LEFT JOIN factor_demands f USING (organization_id)
      WHERE m.account_id = $1 ORDER BY f.demanded_from, organization_id`,
    [accountId],
  );
  const asking = rows.flatMap((row) => (row.demanded_from ? [{ ...row, from: row.demanded_from }] : []));
  return {
    idleTimeout: rows.some(({ idle }) => idle),
    secondFactor: asking[0] && {
      from: asking[0].from,
      organizationIds: asking.map(({ organization_id: organizationId }) => organizationId),
    },
  };
}

/** Of the account `a` in a query: whether an organization of it wants idle sessions to end, and from when on one wants a second factor. */
export const IDLE_DEMANDED =
  'EXISTS (SELECT FROM organization_members m JOIN idle_demands USING (organization_id) WHERE m.account_id = a.account_id)';
export const FACTOR_DEMANDED_FROM =
  '(SELECT min(f.demanded_from) FROM organization_members m JOIN factor_demands f USING (organization_id) WHERE m.account_id = a.account_id)';
