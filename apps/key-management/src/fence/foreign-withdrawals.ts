import type { Message } from '#bus';
import { isUuid } from './withdrawals.ts';

/** What identity and organization decide that makes verdicts worse, and whose: as far as the fact says so. */
const WITHDRAWS: Readonly<Record<string, 'accountId' | 'projectId'>> = {
  AccountSuspended: 'accountId', MemberRemoved: 'accountId', ProjectMemberRemoved: 'accountId', ProjectArchived: 'projectId',
};

/** Their names, without the version: what of them is parked leaves its subjects undecided. */
export const FOREIGN_WITHDRAWALS: readonly string[] = Object.keys(WITHDRAWS);

/** Whom a foreign fact withdraws, of whatever version; all of its stream where it cannot be read who. */
export function withdrawnBy({ type, key, data }: Pick<Message, 'type' | 'key' | 'data'>): string | undefined {
  const subject = WITHDRAWS[type.slice(0, type.indexOf('.'))];
  if (subject === undefined) return undefined;
  const named: unknown = (data as Readonly<Record<string, unknown>> | null)?.[subject];
  return isUuid(named) ? named : key.slice(key.indexOf('-') + 1);
}
