import { refuse } from '#event-sourcing';
import type {
  AnnounceFactorRecovery,
  AccountEvent,
  AccountStatus,
  ApproveFactorRecovery,
  CancelFactorRecovery,
  CompleteFactorRecovery,
  RequestFactorRecovery,
} from './vocabulary.decider.ts';
import { linkUnknown } from './address.decider.ts';
import { removed } from './factors.decider.ts';

/** What the holder has to hear of it and to stop it. */
export const RECOVERY_WAIT_MS = 72 * 3_600_000;

/** For how long an operator may act on what the holder has said. */
const RECOVERY_ASKED_MS = 7 * 24 * 3_600_000;

export function requestRecovery({ at }: RequestFactorRecovery, { multiFactor, recovery }: AccountStatus) {
  if (!multiFactor)
    return refuse('factor/none', 'Your account asks for no second factor. Sign in, or set a new password.');
  if (recovery?.dueAt !== undefined) return [];
  return [{ type: 'FactorRecoveryRequested', data: { requestedAt: at } }] satisfies AccountEvent[];
}

export function approveRecovery({ operator, reason, at }: ApproveFactorRecovery, { recovery }: AccountStatus) {
  if (!recovery)
    return refuse(
      'recovery/not-due',
      'The holder has not asked for it: they sign in with password or mailed link, and say that all factors are lost.',
    );
  if (recovery.dueAt !== undefined) return [];
  if (Date.parse(at) - Date.parse(recovery.requestedAt) >= RECOVERY_ASKED_MS)
    return refuse(
      'recovery/not-due',
      'The holder asked more than seven days ago. Have them ask again: what was true then may be true no more.',
    );
  const dueAt = new Date(Date.parse(at) + RECOVERY_WAIT_MS).toISOString();
  return [{ type: 'FactorRecoveryApproved', data: { operator, dueAt }, personal: { reason } }] satisfies AccountEvent[];
}

export function announceRecovery({ at }: AnnounceFactorRecovery, { recovery }: AccountStatus): AccountEvent[] {
  if (recovery?.dueAt === undefined || recovery.announced || at < recovery.dueAt) return [];
  return [{ type: 'FactorRecoveryDue', data: {} }];
}

export const cancelRecovery = ({ by }: CancelFactorRecovery, { recovery }: AccountStatus): AccountEvent[] =>
  recovery ? [{ type: 'FactorRecoveryCanceled', data: { by } }] : [];

export function completeRecovery({ at }: CompleteFactorRecovery, state: AccountStatus) {
  const { recovery, password } = state;
  if (recovery?.dueAt === undefined) return linkUnknown;
  if (at < recovery.dueAt) return refuse('recovery/not-due', 'The 72 hours are not over.', { dueAt: recovery.dueAt });
  return [
    ...state.factors.map((factor) => removed(factor, 'recovery')),
    { type: 'MultiFactorDisabled', data: { reason: 'recovery' } },
    // It was long enough beside a second factor alone.
    ...(password && !password.alone && password.hash !== undefined
      ? ([{ type: 'PasswordWithdrawn', data: { reason: 'recovery' } }] as const)
      : []),
  ] satisfies AccountEvent[];
}
