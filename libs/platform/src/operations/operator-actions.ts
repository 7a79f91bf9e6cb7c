import type { Sql } from '#event-sourcing';

/** Notes what an operator does by hand, before it is done. Ids only. */
export async function recordAction(sql: Sql, action: { operator: string; action: string; subject: string; reason?: string; offline?: boolean }): Promise<void> {
  await sql.query('INSERT INTO operator_actions (operator, action, subject, reason, offline) VALUES ($1, $2, $3, $4, $5)',
    [action.operator, action.action, action.subject, action.reason ?? null, action.offline ?? false]);
}
