import type { Fact } from '#contracts';
import type { IdentityEvent } from './outbox.ts';

/**
 * Public fact to the own event that told it. What proves a person (passwords, factors, addresses, bindings) does not come back, and neither does an
 * account: no fact says by what it is known.
 */
export function takenBack(fact: Fact): IdentityEvent | undefined {
  switch (fact.name) {
    case 'AccountSuspended.v1': {
      const { reason, suspendedAt } = fact.data;
      // By when it would have been suspended is known to nobody: it says no more than that nothing was missed.
      return { type: 'AccountSuspended', data: { reason, suspendedAt, dueAt: null } };
    }
    case 'AccountReactivated.v1':
      return { type: 'AccountReactivated', data: { reactivatedAt: fact.data.reactivatedAt } };
    case 'PasswordWithdrawn.v1':
      return { type: 'PasswordWithdrawn', data: { reason: fact.data.reason } };
    case 'FactorRemoved.v1': {
      const { factorId, kind, reason } = fact.data;
      return { type: 'FactorRemoved', data: { factorId, kind, reason } };
    }
    case 'PasskeyCloned.v1':
      return { type: 'PasskeyCloned', data: { factorId: fact.data.factorId } };
    default:
      return undefined;
  }
}
