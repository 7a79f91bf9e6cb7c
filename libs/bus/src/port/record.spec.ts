import fc from 'fast-check';
import { login, TOPIC } from '../logins.fixture.ts';
import { toHeaders } from './message.ts';
import { recordOf } from './record.ts';

const bytes = fc.uint8Array({ maxLength: 60 }).map((list) => Buffer.from(list));

describe('record of any bytes', () => {
  it('is a message that PostgreSQL takes, whatever it holds', () => {
    const name = fc.oneof(fc.constantFrom(...Object.keys(toHeaders(login('login-1', 1)))), fc.string());
    const raw = fc.record({
      key: fc.option(bytes),
      value: fc.option(
        fc.oneof(
          bytes,
          fc.json({ stringUnit: 'binary' }).map((json) => Buffer.from(json)),
        ),
      ),
      headers: fc.array(fc.tuple(name, bytes)),
    });
    fc.assert(
      fc.property(raw, (held) => {
        const {
          message: { raw: kept, ...message },
        } = recordOf(TOPIC, 0, 7, held);
        const text = JSON.stringify(message);
        expect([
          text.isWellFormed(),
          /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(text),
          message.eventId.length > 0,
        ]).toEqual([true, false, true]);
        if (message.type === 'Unreadable') expect(kept).toEqual(held);
      }),
    );
  });

  it('is read as it was written, and of a header that comes several times the first one counts', () => {
    const message = { ...login('login-1', 4, 2), traceparent: 'é☂😀' };
    const headers = Object.entries(toHeaders(message)).map(([name, value]) => [name, Buffer.from(value)] as const);
    const raw = {
      key: Buffer.from(message.key),
      value: Buffer.from(JSON.stringify(message.data)),
      headers: [...headers, ['ce_id', Buffer.from('another')] as const, ['x-binary', Buffer.from([0, 255])] as const],
    };
    expect(recordOf(TOPIC, 0, 7, raw)).toEqual({ offset: 7, message });
  });

  it('that is nested 60,000 levels deep does not fell the reader', () => {
    const value = Buffer.from(`{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`);
    const headers = Object.entries(toHeaders(login('login-1', 1))).map(
      ([name, text]) => [name, Buffer.from(text)] as const,
    );
    expect(recordOf(TOPIC, 0, 7, { key: Buffer.from('login-1'), value, headers }).message.type).toBe('Unreadable');
  });
});
