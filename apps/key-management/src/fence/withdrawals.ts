import { isUuid, type Tx } from '#event-sourcing';

/** By what was decided elsewhere, in transactions that are still open. */
const noted = new WeakMap<Tx, Set<string>>();

/** Withdraws an account, a project, or all of an organization with what a transaction writes. */
export function note(tx: Tx, subject: string): void {
  noted.set(tx, (noted.get(tx) ?? new Set()).add(subject));
}

/**
 * The statement that goes with the COMMIT and records the subjects that the transaction withdraws, these keys among them; undefined when there are
 * none.
 * seqIsCommitOrder: as its last act, so its number is the order of commits, without gaps, and a reader of number n sees all up to n.
 */
export function withdrawals(tx: Tx, keys: readonly string[]): string | undefined {
  const subjects = [...new Set([...(noted.get(tx) ?? []), ...keys])];
  noted.delete(tx);
  if (subjects.length === 0) return undefined;
  // It travels as text, without parameters: nothing but UUIDs may stand in it.
  if (!subjects.every(isUuid)) throw new Error('only keys, accounts, projects and organizations can be withdrawn');
  return `WITH moved AS (UPDATE fence SET seq = seq + 1 RETURNING seq, gen_random_uuid() AS mark)
    INSERT INTO withdrawals (epoch, seq, mark, subject)
      SELECT (SELECT epoch FROM log_meta), moved.seq, moved.mark, s.subject FROM moved, unnest(ARRAY['${subjects.sort().join("','")}']::uuid[]) AS s(subject)`;
}
