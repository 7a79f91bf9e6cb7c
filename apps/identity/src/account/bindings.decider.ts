import { refuse } from '#event-sourcing';
import type { AccountEvent, AccountStatus, BindSubject, RefuseBinding, UnbindSubject } from './vocabulary.decider.ts';

const DAY_MS = 86_400_000;

/** Of one person there one account here, and the other way round. */
export const alreadyBound = refuse(
  'sign-in/already-bound',
  'This account already belongs to another person at your identity provider, or that person to another account. An owner of your organization can unbind it.',
);

export function bindSubject({ connectionId, subjectDigest, subject }: BindSubject, { bindings }: AccountStatus) {
  const bound = bindings.find((binding) => binding.connectionId === connectionId);
  if (bound) return bound.subjectDigest === subjectDigest ? [] : alreadyBound;
  return [
    { type: 'SubjectBound', data: { connectionId, subjectDigest }, personal: { subject } },
  ] satisfies AccountEvent[];
}

export const unbindSubject = ({ connectionId }: UnbindSubject, { bindings }: AccountStatus): AccountEvent[] =>
  bindings.filter((binding) => binding.connectionId === connectionId).map((data) => ({ type: 'SubjectUnbound', data }));

export function refuseBinding(
  { organizationId, connectionId, at }: RefuseBinding,
  { bindingRefusedAt }: AccountStatus,
) {
  if (bindingRefusedAt !== undefined && Date.parse(at) - Date.parse(bindingRefusedAt) < DAY_MS) return [];
  return [{ type: 'BindingRefused', data: { organizationId, connectionId, at } }] satisfies AccountEvent[];
}
