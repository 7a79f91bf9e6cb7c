import { factHeaders } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import { fromHeaders, messageOf, NONE, toHeaders } from './message.ts';
import { login } from '../logins.fixture.ts';

describe('headers of a message', () => {
  const message = {
    ...login('login-1', 4, 2),
    previousEpoch: 2,
    causationId: 'cause',
    actor: 'account:01890a5d-ac96-774b-bcce-b302099a8057',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };

  it('are what the contract for other teams says', () => {
    const headers = toHeaders(message);
    expect(factHeaders.parse(headers)).toEqual(headers);
    expect(Object.keys(factHeaders.shape).sort()).toEqual(Object.keys(headers).sort());
  });

  it('give the message again', () => {
    const headers = toHeaders(message);
    expect(fromHeaders(message.topic, message.key, (name) => headers[name], message.data)).toEqual(message);
  });
});

describe('the message for an event', () => {
  it('says who decided it, but for the names of operators, which stay with the owner', () => {
    const told = (actor: string) =>
      messageOf(
        {
          eventId: 'e',
          streamId: 'login-1',
          version: 1,
          occurredAt: new Date(),
          cursor: { epoch: 1, txid: 1n, pos: 1n },
          event: { type: 'LoginRecorded', data: {} },
          meta: { actor, correlationId: 'c' },
        } as unknown as RecordedEvent,
        () => ({ name: 'LoginRecorded.v1', data: login('login-1', 1).data as never }),
        NONE,
        'identity',
      )?.actor;
    expect(['account:a', 'service:organization', 'operator:ada'].map(told)).toEqual([
      'account:a',
      'service:organization',
      'operator',
    ]);
  });
});
