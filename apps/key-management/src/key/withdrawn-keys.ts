import type { RecordedEvent } from '#event-sourcing';
import type { KeyEvent } from './key.decider.ts';

/** Which verdicts an event makes untrue: none, or those of its key. A new event does not compile without an answer. */
const WITHDRAWS: Readonly<Record<KeyEvent['type'], 'key' | 'nobody'>> = {
  KeyIssued: 'nobody',
  KeyRotated: 'key',
  KeyRenamed: 'key',
  KeyExpiring: 'nobody',
  KeyLeakReported: 'nobody',
  KeyRevoked: 'key',
};

const withdraws = (type: string) => (Object.hasOwn(WITHDRAWS, type) ? WITHDRAWS[type as KeyEvent['type']] : 'nobody');

/** The keys whose verdicts are others after these events: good for less, or by another name. */
export const withdrawnKeys = (events: readonly RecordedEvent[]): string[] =>
  events.filter(({ type }) => withdraws(type) === 'key').map(({ id }) => id);
