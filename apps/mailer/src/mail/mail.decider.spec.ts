import { fold } from '#event-sourcing';
import { given } from '#testing';
import { mail, type MailEvent } from './mail.decider.ts';

const AT = '2026-01-01T00:00:00.000Z';
const accepted: MailEvent = { type: 'MailAccepted', data: { acceptedAt: AT } };
const bounced: MailEvent = { type: 'MailBounced', data: { bounce: 'hard', bouncedAt: AT } };

describe('RecordAccepted', () => {
  it('states that the mail server took the message', () => {
    given(mail, []).when({ type: 'RecordAccepted', at: AT }).then([accepted]);
  });
  it('adds nothing when the message was sent twice', () => {
    given(mail, [accepted]).when({ type: 'RecordAccepted', at: AT }).thenNothing();
  });
  it('does not take a bounce back', () => {
    given(mail, [bounced]).when({ type: 'RecordAccepted', at: AT }).thenNothing();
  });
});

it('knows what became of the message', () => {
  expect([[], [accepted], [bounced]].map((history) => fold(mail, history))).toEqual([
    'under way',
    'accepted',
    'bounced',
  ]);
});

describe('RecordBounced', () => {
  it('states that the mail server refused the message', () => {
    given(mail, []).when({ type: 'RecordBounced', bounce: 'hard', at: AT }).then([bounced]);
  });
  it('adds nothing when it is known', () => {
    given(mail, [bounced]).when({ type: 'RecordBounced', bounce: 'soft', at: AT }).thenNothing();
  });
});
