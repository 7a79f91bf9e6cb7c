import type { Sql } from '#event-sourcing';
import type { Metadata } from '@grpc/grpc-js';
import { Problem } from '../base/problem.ts';
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

/** Notes that an operator looks at a person's or an organization's data, before it is shown. @throws Problem without a reason */
export async function lookedAt(
  sql: Sql,
  call: { metadata: Metadata },
  reason: string,
  action: string,
  subject: string,
): Promise<void> {
  if (reason.trim() === '') throw new Problem('request/invalid', 'Say why you look at this: it is kept.');
  await recordAction(sql, { operator: operatorOf(call), action, subject, reason });
}

/** Says whether what an operator asks for is to be done. It is noted then, with its reason; else it is a plan. @throws Problem where no reason is given for doing it */
export async function decided(
  sql: Sql,
  call: { metadata: Metadata },
  { apply, reason }: { readonly apply: boolean; readonly reason: string },
  action: string,
  subject: string,
): Promise<boolean> {
  if (!apply) return false;
  if (reason.trim() === '')
    throw new Problem('request/invalid', 'Say why this is done: the reason is kept as evidence.');
  await recordAction(sql, { operator: operatorOf(call), action, subject, reason });
  return true;
}
