import type { Sql } from '#event-sourcing';

/** What the organizations of an account ask of it. */
export interface Demands {
  readonly idleTimeout: boolean;
  /** `from` is the earliest instant of theirs; it may lie ahead. */
  readonly secondFactor: { readonly from: Date; readonly organizationIds: readonly string[] } | undefined;
}

/** Per membership one look-up by key, so that judging a session costs the same however many organizations ask something. */
const IDLE = '(SELECT true FROM idle_demands i WHERE i.organization_id = m.organization_id)';
const FACTOR_FROM = '(SELECT f.demanded_from FROM factor_demands f WHERE f.organization_id = m.organization_id)';

const SINGLE_SIGN_ON = 'EXISTS (SELECT FROM sso_enforced e WHERE e.organization_id = m.organization_id)';

/**
 * To be joined to the account `a` of a query: whether an organization of it wants idle sessions to end, from when on one wants a
 * second factor, and whether one lets a provider judge its own people.
 */
export const DEMANDED = `LATERAL (
  SELECT coalesce(bool_or(${IDLE}), false) AS idle, min(${FACTOR_FROM}) AS factor_from, coalesce(bool_or(${SINGLE_SIGN_ON}), false) AS single_sign_on
    FROM organization_members m WHERE m.account_id = a.account_id)`;

export async function demandsOf(sql: Sql, accountId: string): Promise<Demands> {
  const { rows } = await sql.query<{ organization_id: string; idle: boolean | null; factor_from: Date | null }>(
    `SELECT organization_id, ${IDLE} AS idle, ${FACTOR_FROM} AS factor_from FROM organization_members m WHERE account_id = $1 ORDER BY 3, 1`,
    [accountId],
  );
  const asking = rows.flatMap(({ organization_id: organizationId, factor_from: from }) =>
    from ? [{ organizationId, from }] : [],
  );
  return {
    idleTimeout: rows.some(({ idle }) => idle),
    secondFactor: asking[0] && {
      from: asking[0].from,
      organizationIds: asking.map(({ organizationId }) => organizationId),
    },
  };
}
