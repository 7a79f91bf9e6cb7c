import type { Message } from '#bus';
import type { FactName } from '#contracts';
import { isUuid } from '#event-sourcing';

type ForeignWithdrawals = Partial<Readonly<Record<FactName, 'accountId' | 'projectId'>>>;

/** The facts of identity and organization that make verdicts worse, and their subjects as far as the fact names them. */
const FACTS: ForeignWithdrawals = {
  'AccountSuspended.v1': 'accountId',
  'MemberRemoved.v1': 'accountId',
  'MemberDeactivated.v1': 'accountId',
  'ProjectMemberRemoved.v1': 'accountId',
  'ProjectArchived.v1': 'projectId',
};

const unversioned = (type: string) => type.slice(0, type.indexOf('.'));

/** The same without the version: a fact of a version that is not known here withdraws, too. */
const WITHDRAWS = new Map(Object.entries(FACTS).map(([name, subject]) => [unversioned(name), subject]));

/** Their names, without the version: what of them is parked leaves its subjects undecided. */
export const FOREIGN_WITHDRAWALS: readonly string[] = [...WITHDRAWS.keys()];

/** The key or account that a foreign fact withdraws, in every version of the fact; the whole stream where it cannot be read which one. */
export function withdrawnBy({ type, key, data }: Pick<Message, 'type' | 'key' | 'data'>): string | undefined {
  const subject = WITHDRAWS.get(unversioned(type));
  if (subject === undefined) return undefined;
  const named: unknown = (data as Readonly<Record<string, unknown>> | null)?.[subject];
  return isUuid(named) ? named : key.slice(key.indexOf('-') + 1);
}
