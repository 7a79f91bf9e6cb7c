import type { Sql } from '#event-sourcing';
import type { Metadata } from '@grpc/grpc-js';
import { ACTOR, header } from '../rpc/call-context.ts';

/** The name of the operator who calls, as the guard has proved it. */
export const operatorOf = ({ metadata }: { metadata: Metadata }): string =>
  (header(metadata, ACTOR) ?? '').replace('operator:', '');

/** Notes what an operator does by hand, before it is done. Ids only. */
export async function recordAction(
  sql: Sql,
  action: { operator: string; action: string; subject: string; reason?: string; offline?: boolean },
): Promise<void> {
  await sql.query(
    'INSERT INTO operator_actions (operator, action, subject, reason, offline) VALUES ($1, $2, $3, $4, $5)',
    [action.operator, action.action, action.subject, action.reason ?? null, action.offline ?? false],
  );
}

/** The same for a call, by its caller. */
export const note = (
  sql: Sql,
  call: { metadata: Metadata },
  action: string,
  subject: string,
  reason?: string,
): Promise<void> =>
  recordAction(sql, { operator: operatorOf(call), action, subject, ...(reason === undefined ? {} : { reason }) });
