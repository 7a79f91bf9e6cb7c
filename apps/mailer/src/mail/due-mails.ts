import type { Sql, Tx } from '#event-sourcing';
import type { DueMail } from './due-mail.ts';

/** A mail that was taken: no other worker takes it until the lease ends. */
export interface TakenMail extends DueMail {
  readonly attempts: number;
  /** Since when it is due, by the database's clock. */
  readonly waitedMs: number;
}

export async function addMails(tx: Tx, mails: readonly DueMail[]): Promise<void> {
  for (const { messageId, letter, recipient, recipientId, details, eventId, correlationId } of mails) {
    await tx.query(
      'INSERT INTO mails_due (message_id, letter, recipient, recipient_id, details, event_id, correlation_id) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING',
      [messageId, letter, recipient, recipientId, JSON.stringify(details), eventId, correlationId],
    );
  }
}

/** Takes mails that are due. A lease, not a transaction: none of ours may stay open while a mail server thinks. */
export async function takeMails(sql: Sql, limit: number, leaseMs: number): Promise<TakenMail[]> {
  const { rows } = await sql.query<TakenMail>({
    name: 'take-mails',
    text: `UPDATE mails_due SET attempts = attempts + 1, next_at = clock_timestamp() + $2::int * interval '1 ms'
            WHERE message_id IN (SELECT message_id FROM mails_due WHERE next_at <= clock_timestamp() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            RETURNING message_id AS "messageId", letter, recipient, recipient_id AS "recipientId", details, event_id AS "eventId", correlation_id AS "correlationId", attempts,
              (extract(epoch FROM clock_timestamp() - due_at) * 1000)::float8 AS "waitedMs"`,
    values: [limit, leaseMs],
  });
  return rows;
}

export async function postponeMail(sql: Sql, messageId: string, afterMs: number): Promise<void> {
  await sql.query(
    `UPDATE mails_due SET next_at = clock_timestamp() + $2::int * interval '1 ms' WHERE message_id = $1`,
    [messageId, afterMs],
  );
}

export async function removeMail(sql: Sql, messageId: string): Promise<void> {
  await sql.query('DELETE FROM mails_due WHERE message_id = $1', [messageId]);
}
