import { isNear, isSigned } from './hook-signature.ts';

describe('a signed word of a bounce', () => {
  // The example of the specification: github.com/standard-webhooks.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = Buffer.from('{"test": 2432232314}');
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };

  it('is known by any of its signatures', () => {
    expect(isSigned(headers, body, secret)).toBe(true);
    const several = { ...headers, 'webhook-signature': `v1,AAAA v2,AAAA ${headers['webhook-signature']}` };
    expect(isSigned(several, body, secret)).toBe(true);
  });
  it.each([
    [{ ...headers, 'webhook-id': 'msg_other' }],
    [{ ...headers, 'webhook-timestamp': '1614265331' }],
    [{ ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1,', '') }],
    [{ ...headers, 'webhook-signature': '' }],
    [{ 'webhook-id': headers['webhook-id'], 'webhook-timestamp': headers['webhook-timestamp'] }],
    [{}],
  ])('is not believed with other headers: %j', (other) => {
    expect(isSigned(other, body, secret)).toBe(false);
  });
  it('is not believed with another body or under another secret', () => {
    expect(isSigned(headers, Buffer.from('{"test": 2432232315}'), secret)).toBe(false);
    expect(isSigned(headers, body, `whsec_${'A'.repeat(32)}`)).toBe(false);
  });
  it('is believed for five minutes, by clocks that go five minutes wrong', () => {
    const at = (seconds: number) => isNear(headers, new Date(seconds * 1_000));
    expect([1614265030, 1614265630].map(at)).toEqual([true, true]);
    expect([1614265029, 1614265631].map(at)).toEqual([false, false]);
    for (const wrong of ['', '-1', 'NaN', '1e9', undefined])
      expect(isNear({ 'webhook-timestamp': wrong }, new Date(0))).toBe(false);
  });
});
