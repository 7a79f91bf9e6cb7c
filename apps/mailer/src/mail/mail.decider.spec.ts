import { fold } from '#event-sourcing';
import { given } from '#testing';
import { mail, type MailEvent } from './mail.decider.ts';

const AT = '2026-01-01T00:00:00.000Z';
const accepted: MailEvent = { type: 'MailAccepted', data: { acceptedAt: AT } };
const bounced: MailEvent = { type: 'MailBounced', data: { bounce: 'hard', bouncedAt: AT } };
const givenUp: MailEvent = { type: 'MailBounced', data: { bounce: 'soft', bouncedAt: AT } };

describe('RecordAccepted', () => {
  it('states that the mail server took the message', () => {
    given(mail, []).when({ type: 'RecordAccepted', at: AT }).then([accepted]);
  });
  it('adds nothing when the message was sent twice', () => {
    given(mail, [accepted]).when({ type: 'RecordAccepted', at: AT }).thenNothing();
  });
  it.each([[[bounced]], [[givenUp]], [[accepted, bounced]]])('does not take a bounce back', (history) => {
    given(mail, history).when({ type: 'RecordAccepted', at: AT }).thenNothing();
  });
});

it('knows what became of the message', () => {
  expect([[], [accepted], [bounced], [givenUp], [accepted, bounced]].map((history) => fold(mail, history))).toEqual([
    { status: 'under way' },
    { status: 'accepted', at: AT },
    { status: 'bounced' },
    { status: 'given up' },
    { status: 'bounced' },
  ]);
});

describe('RecordBounced', () => {
  it.each([bounced, givenUp] as const)('states that the mail server refused the message', (event) => {
    const { bounce } = event.data as { bounce: 'hard' | 'soft' };
    given(mail, []).when({ type: 'RecordBounced', bounce, at: AT }).then([event]);
  });
  it('adds nothing when it is known', () => {
    given(mail, [bounced]).when({ type: 'RecordBounced', bounce: 'soft', at: AT }).thenNothing();
  });
  it('adds nothing when the message was sent twice, and taken the first time', () => {
    given(mail, [accepted]).when({ type: 'RecordBounced', bounce: 'hard', at: AT }).thenNothing();
  });
});

describe('RecordReturned', () => {
  const returned = (at = AT) => ({ type: 'RecordReturned', at }) as const;

  it.each([[[]], [[accepted]], [[givenUp]], [[accepted, givenUp]]])(
    'states a hard bounce, whatever was said before',
    (history) => {
      given(mail, history).when(returned()).then([bounced]);
    },
  );
  it.each([[[bounced]], [[accepted, bounced]]])('adds nothing when it is known', (history) => {
    given(mail, history).when(returned()).thenNothing();
  });
  it('is believed for 30 days', () => {
    const at = '2026-01-31T00:00:00.000Z';
    given(mail, [accepted])
      .when(returned(at))
      .then([{ type: 'MailBounced', data: { bounce: 'hard', bouncedAt: at } }]);
    given(mail, [accepted]).when(returned('2026-01-31T00:00:00.001Z')).thenNothing();
  });
});
