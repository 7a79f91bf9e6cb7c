import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { returnedMessage, returnPath } from './return-path.ts';

const key = () => randomBytes(32).toString('base64url');
const [ours, theirs, messageId, base] = [key(), key(), uuid(), 'bounces.mailer@Mail.Example.com'];

describe('the address that a message comes back to', () => {
  const address = returnPath(ours, base, messageId);

  it('names its message, in whatever case it comes back', () => {
    for (const back of [address, address.toLowerCase(), address.toUpperCase()])
      expect(returnedMessage(ours, base, back)).toBe(messageId);
  });
  it('is as long as a mailbox may be (RFC 5321)', () => {
    expect(address.split('@')[0]).toHaveLength(64);
  });
  it('is known after the key for links has changed, while the old one is on the ring', () => {
    expect(returnedMessage(`${theirs},${ours}`, base, address)).toBe(messageId);
    expect(returnedMessage(theirs, base, address)).toBeUndefined();
  });
  it('is nobody else’s, wherever it is changed', () => {
    for (let at = 0; at < address.length; at++) {
      const other = address.slice(0, at) + (address[at] === '0' ? '1' : '0') + address.slice(at + 1);
      expect([other, returnedMessage(ours, base, other)]).toEqual([other, undefined]);
    }
  });
});
