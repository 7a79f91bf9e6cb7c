import { factHeaders } from '#contracts';
import { fromHeaders, toHeaders } from './message.ts';
import { login } from '../logins.fixture.ts';

describe('headers of a message', () => {
  const message = {
    ...login('login-1', 4, 2),
    previousEpoch: 2,
    causationId: 'cause',
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
