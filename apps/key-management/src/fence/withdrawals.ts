import type { RecordedEvent, Tx } from '#event-sourcing';
import type { KeyEvent } from '../key/key.decider.ts';

/** Whose verdicts get worse with an event: nobody's, or those of a key. A new event does not compile without an answer. */
const WITHDRAWS: Readonly<Record<KeyEvent['type'], 'key' | 'nobody'>> = {
  KeyIssued: 'nobody',
  KeyRotated: 'key',
  KeyLeakReported: 'nobody',
  KeyRevoked: 'key',
};

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const withdraws = (type: string) => (Object.hasOwn(WITHDRAWS, type) ? WITHDRAWS[type as KeyEvent['type']] : 'nobody');

/**
 * Takes down whom a transaction withdraws, as its last act: its number is then the order of commits, without gaps, and whoever
 * reads number n sees all up to n.
 */
export class Withdrawals {
  private readonly noted = new WeakMap<Tx, Set<string>>();

  /** Of an account or a project, for what was decided elsewhere. */
  note(tx: Tx, subject: string): void {
    const subjects = this.noted.get(tx) ?? new Set();
    this.noted.set(tx, subjects.add(subject));
  }

  /** The statement that goes with the COMMIT; undefined when nobody is withdrawn. */
  readonly withCommit = (tx: Tx, events: readonly RecordedEvent[]): string | undefined => {
    const keys = events.filter(({ type }) => withdraws(type) === 'key').map(({ id }) => id);
    const subjects = [...new Set([...(this.noted.get(tx) ?? []), ...keys])];
    if (subjects.length === 0) return undefined;
    // It travels as text, without parameters: nothing but UUIDs may stand in it.
    if (!subjects.every((subject) => UUID.test(subject))) throw new Error('only keys, accounts and projects can be withdrawn');
    return `WITH moved AS (UPDATE fence SET seq = seq + 1 RETURNING seq)
      INSERT INTO withdrawals (epoch, seq, subject)
        SELECT (SELECT epoch FROM log_meta), moved.seq, s.subject FROM moved, unnest(ARRAY['${subjects.sort().join("','")}']::uuid[]) AS s(subject)`;
  };
}
