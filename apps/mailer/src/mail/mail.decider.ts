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

/** The outcome of one message. The first answer stands: a message that was sent twice has one outcome. */
export const mail: Decider<RecordAccepted | RecordBounced, 'under way' | 'accepted' | 'bounced', MailEvent, never> = {
  category: 'mail',
  initial: 'under way',
  decide(command, state) {
    if (state !== 'under way') return [];
    switch (command.type) {
      case 'RecordAccepted':
        return [{ type: 'MailAccepted', data: { acceptedAt: command.at } }];
      case 'RecordBounced':
        return [{ type: 'MailBounced', data: { bounce: command.bounce, bouncedAt: command.at } }];
    }
  },
  evolve(_state, event) {
    switch (event.type) {
      case 'MailAccepted':
        return 'accepted';
      case 'MailBounced':
        return 'bounced';
    }
  },
};
