import type { Sql, Tx } from '#event-sourcing';
import { priorityOf } from '../letters/letters.ts';
import type { DueMail } from './due-mail.ts';

/** A mail that was taken: no other worker takes it until the lease ends. */
export interface TakenMail extends DueMail {
  readonly attempts: number;
  /** Since when it is due, by the database's clock. */
  readonly waitedMs: number;
}

/** Which mails are taken, and how many. */
export interface Turn {
  /** Of these alone, in this order. */
  readonly priorities: readonly number[];
  readonly limit: number;
  readonly leaseMs: number;
  /** Of all processes together; undefined: as many as there are. */
  readonly perSecond: number | undefined;
}

export async function addMails(tx: Tx, mails: readonly DueMail[]): Promise<void> {
  for (const { messageId, letter, recipient, recipientId, details, eventId, correlationId } of mails) {
    await tx.query(
      'INSERT INTO mails_due (message_id, letter, recipient, recipient_id, details, event_id, correlation_id, priority) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING',
      [messageId, letter, recipient, recipientId, JSON.stringify(details), eventId, correlationId, priorityOf(letter)],
    );
  }
}

/**
 * Takes mails that are due, each priority by itself: what is postponed or locked in one keeps nobody from reading the next by its index. Stable
 * `statement_timestamp()`, as no index is searched by the volatile `clock_timestamp()`.
 */
const taking = (limit: string) => `
  UPDATE mails_due SET attempts = attempts + 1, next_at = clock_timestamp() + $2::int * interval '1 ms'
   WHERE message_id = ANY(ARRAY(
     SELECT message_id FROM unnest($3::smallint[]) AS turn (priority), LATERAL (
       SELECT message_id FROM mails_due WHERE mails_due.priority = turn.priority AND next_at <= statement_timestamp()
        ORDER BY next_at LIMIT $1::int FOR UPDATE SKIP LOCKED) AS due
      LIMIT ${limit}))
  RETURNING message_id AS "messageId", letter, recipient, recipient_id AS "recipientId", details, event_id AS "eventId", correlation_id AS "correlationId", attempts,
    (extract(epoch FROM clock_timestamp() - due_at) * 1000)::float8 AS "waitedMs"`;

/** At a pace, half a second's worth is taken at once at most: nobody's limit a second is passed by what was not used before. */
const TAKING_AT_A_PACE = `
  WITH pace AS (SELECT greatest(used_until, clock_timestamp() - greatest(0.5, 1 / $4::float8) * interval '1 s') AS used_until FROM mail_pace FOR UPDATE),
  taken AS (${taking('(SELECT least($1, floor(extract(epoch FROM clock_timestamp() - used_until) * $4::float8 + 1e-6))::int FROM pace)')}),
  used AS (UPDATE mail_pace SET used_until = pace.used_until + (SELECT count(*) FROM taken) / $4::float8 * interval '1 s' FROM pace)
  SELECT * FROM taken`;

/** Takes mails that are due. A lease, not a transaction: none of ours may stay open while a mail server thinks. */
export async function takeMails(sql: Sql, { priorities, limit, leaseMs, perSecond }: Turn): Promise<TakenMail[]> {
  const values = [limit, leaseMs, priorities];
  const { rows } = await sql.query<TakenMail>(
    perSecond === undefined
      ? { name: 'take-mails', text: taking('$1::int'), values }
      : { name: 'take-mails-at-a-pace', text: TAKING_AT_A_PACE, values: [...values, perSecond] },
  );
  return rows;
}

export async function postponeMail(sql: Sql, messageId: string, afterMs: number): Promise<void> {
  await sql.query(
    `UPDATE mails_due SET next_at = clock_timestamp() + $2::int * interval '1 ms' WHERE message_id = $1`,
    [messageId, afterMs],
  );
}

/** Answers whether it was due. */
export async function removeMail(sql: Sql, messageId: string): Promise<boolean> {
  return (await sql.query('DELETE FROM mails_due WHERE message_id = $1', [messageId])).rowCount === 1;
}
