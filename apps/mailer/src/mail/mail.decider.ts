import type { Decider } from '#event-sourcing';

export type MailEvent =
  | { type: 'MailAccepted'; data: { acceptedAt: string } }
  | { type: 'MailBounced'; data: { bounce: 'hard' | 'soft'; bouncedAt: string } };

export interface RecordAccepted {
  type: 'RecordAccepted';
  at: string;
}
export interface RecordBounced {
  type: 'RecordBounced';
  bounce: 'hard' | 'soft';
  at: string;
}
/** A mail server that had taken the message says later that it could not be delivered. */
export interface RecordReturned {
  type: 'RecordReturned';
  at: string;
}

type Mail = { status: 'under way' } | { status: 'accepted'; at: string } | { status: 'given up' | 'bounced' };

/** Mail servers try for days, not for weeks: what comes back later is no news of this message. */
const RETURNED_WITHIN_MS = 30 * 24 * 3_600_000;

/** The outcome of one message. The first answer stands, as a message may be sent twice; but what was returned has not arrived, whatever was said before. */
export const mail: Decider<RecordAccepted | RecordBounced | RecordReturned, Mail, MailEvent, never> = {
  category: 'mail',
  initial: { status: 'under way' },
  decide(command, state) {
    switch (command.type) {
      case 'RecordAccepted':
        return state.status === 'under way' ? [{ type: 'MailAccepted', data: { acceptedAt: command.at } }] : [];
      case 'RecordBounced':
        return state.status === 'under way' ? [bounced(command.bounce, command.at)] : [];
      case 'RecordReturned':
        return state.status === 'bounced' || isLate(state, command.at) ? [] : [bounced('hard', command.at)];
    }
  },
  evolve(_state, event) {
    switch (event.type) {
      case 'MailAccepted':
        return { status: 'accepted', at: event.data.acceptedAt };
      case 'MailBounced':
        return { status: event.data.bounce === 'hard' ? 'bounced' : 'given up' };
    }
  },
};

const bounced = (bounce: 'hard' | 'soft', bouncedAt: string): MailEvent => ({
  type: 'MailBounced',
  data: { bounce, bouncedAt },
});

const isLate = (state: Mail, at: string) =>
  state.status === 'accepted' && Date.parse(at) > Date.parse(state.at) + RETURNED_WITHIN_MS;
