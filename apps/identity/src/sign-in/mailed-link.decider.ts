import type { Decider } from '#event-sourcing';
import type { ProblemCode } from '#contracts';
import { linkUnknown } from '../account/address.decider.ts';

const MINUTE_MS = 60_000;

/** What a link that an account asked for leads to, and how long it lives. Each has streams of its own: strangers cause them. */
export const LINKS = {
  reset: { requested: 'PasswordResetRequested', used: 'PasswordResetUsed', lifeMs: 30 * MINUTE_MS },
  reactivation: { requested: 'ReactivationRequested', used: 'ReactivationUsed', lifeMs: 24 * 60 * MINUTE_MS },
  recovery: { requested: 'FactorRecoveryAsked', used: 'FactorRecoveryConfirmed', lifeMs: 60 * MINUTE_MS },
} as const;
export type LinkKind = keyof typeof LINKS;

export type MailedLinkEvent =
  /** `credentials`: the account's number of them: another, and the link is dead. */
  | {
      type: (typeof LINKS)[LinkKind]['requested'];
      data: { accountId: string; credentials: number; requestedAt: string };
    }
  | { type: (typeof LINKS)[LinkKind]['used']; data: object };

export type MailedLink =
  | { readonly status: 'unknown' | 'used' }
  | {
      readonly status: 'requested';
      readonly accountId: string;
      readonly credentials: number;
      readonly requestedAt: string;
    };

export interface RequestLink {
  type: 'RequestLink';
  accountId: string;
  credentials: number;
  at: string;
}
/** `credentials`: the account's number as it is now. */
export interface UseLink {
  type: 'UseLink';
  credentials: number;
  at: string;
}

export type MailedLinkProblem = Extract<ProblemCode, 'link/unknown'>;

const mailedLink = (
  kind: LinkKind,
): Decider<RequestLink | UseLink, MailedLink, MailedLinkEvent, MailedLinkProblem> => ({
  category: kind,
  initial: { status: 'unknown' },
  decide(command, state) {
    switch (command.type) {
      case 'RequestLink': {
        const { accountId, credentials, at: requestedAt } = command;
        return state.status === 'unknown'
          ? [{ type: LINKS[kind].requested, data: { accountId, credentials, requestedAt } }]
          : [];
      }
      case 'UseLink':
        return isOpen(kind, state, command) ? [{ type: LINKS[kind].used, data: {} }] : linkUnknown;
    }
  },
  evolve: (_state, { type, data }) =>
    'accountId' in data && type === LINKS[kind].requested ? { status: 'requested', ...data } : { status: 'used' },
});

/** One decider for each kind of link. */
export const mailedLinks = {
  reset: mailedLink('reset'),
  reactivation: mailedLink('reactivation'),
  recovery: mailedLink('recovery'),
} as const satisfies Record<LinkKind, unknown>;

/** Whether it may still be used: once, in its time, while nothing of what proves the account has changed. */
export function isOpen(
  kind: LinkKind,
  state: MailedLink,
  { credentials, at }: Pick<UseLink, 'credentials' | 'at'>,
): state is Extract<MailedLink, { status: 'requested' }> {
  return (
    state.status === 'requested' &&
    state.credentials === credentials &&
    Date.parse(at) - Date.parse(state.requestedAt) < LINKS[kind].lifeMs
  );
}
