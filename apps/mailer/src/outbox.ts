import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { MailEvent } from './mail/mail.decider.ts';

/** Own event to public fact. The only way out. Never an address. */
export function publish({ id, event }: RecordedEvent): Fact | 'private' {
  const known = event as MailEvent;
  switch (known.type) {
    case 'MailAccepted':
      return { name: 'MailAccepted.v1', data: { messageId: id, ...known.data } };
    case 'MailBounced':
      return { name: 'MailBounced.v1', data: { messageId: id, ...known.data } };
  }
}
