import { admit, type VerifiedKey } from './admit.ts';

const held: VerifiedKey = {
  keyId: 'k',
  keyName: 'laptop',
  projectId: 'p',
  organizationId: 'o',
  accountId: 'a',
  scopes: [],
};
const floor = (judged: VerifiedKey | Promise<VerifiedKey>, writing?: Promise<void>) => {
  const recorded: unknown[] = [];
  return {
    recorded,
    gate: {
      judge: (authorization: string | undefined, address: string) => (recorded.push([authorization, address]), judged),
    },
    activity: {
      record: (...told: [string, string]) => {
        recorded.push(told);
        return writing;
      },
    },
  };
};

describe('admit', () => {
  it('answers at once where all is known, and has recorded the use of the key', () => {
    const known = floor(held);
    expect(admit(known, 'Bearer x', '203.0.113.7')).toBe(held);
    expect(known.recorded).toEqual([
      ['Bearer x', '203.0.113.7'],
      ['a', 'api'],
    ]);
  });

  it('answers when the record of the day is written, and not before', async () => {
    let write = () => {
      /* no call waits yet */
    };
    const writing = new Promise<void>((written) => {
      write = written;
    });
    let answered = false;
    const answer = Promise.resolve(admit(floor(Promise.resolve(held), writing), 'Bearer x', '')).then((key) => {
      answered = true;
      return key;
    });
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    write();
    expect(await answer).toBe(held);
    expect(await admit(floor(held, writing), 'Bearer x', '')).toBe(held);
  });

  it('records nothing of a key that is refused', async () => {
    const refused = floor(Promise.reject(new Error('refused')));
    await expect(admit(refused, 'Bearer x', '')).rejects.toThrow('refused');
    expect(refused.recorded).toEqual([['Bearer x', '']]);
  });
});
