import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { AccountEvent } from './account/account.decider.ts';
import type { LoginEvent } from './sign-in/login.decider.ts';
import type { SessionEvent } from './session/session.decider.ts';
import type { SignUpEvent } from './sign-up/sign-up.decider.ts';

export type IdentityEvent = AccountEvent | SignUpEvent | SessionEvent | LoginEvent;

/** Own event to public fact. The only way out; what is not named here stays inside. */
export function publish({ id, event }: RecordedEvent): Fact | 'private' {
  const known = event as IdentityEvent;
  switch (known.type) {
    case 'SignUpRequested':
      return { name: 'SignUpRequested.v1', data: { signUpId: id, registered: known.data.registered } };
    case 'AccountRegistered': {
      const { organizationId, projectId, registeredAt } = known.data;
      return { name: 'AccountRegistered.v1', data: { accountId: id, organizationId, projectId, registeredAt } };
    }
    case 'AccountSuspended':
      return {
        name: 'AccountSuspended.v1',
        data: { accountId: id, reason: known.data.reason, suspendedAt: known.data.suspendedAt },
      };
    case 'AccountReactivated':
      return { name: 'AccountReactivated.v1', data: { accountId: id, reactivatedAt: known.data.reactivatedAt } };
    case 'LoginRecorded':
      return { name: 'LoginRecorded.v1', data: { accountId: id, ...known.data } };
    case 'SignUpVerified':
    case 'PasswordSet':
    case 'AccountRenamed':
    case 'IdleTimeoutEnabled':
    case 'IdleTimeoutDisabled':
    case 'AccountInspected':
    case 'SessionStarted':
    case 'SessionEnded':
      return 'private';
  }
}
