import { KeptStates } from './kept-states.ts';

const by = { initial: 0 };
const made = (version: number) => ({ version, eventId: 'e', state: version, personal: false });

describe('kept states', () => {
  it('hold states of as many events as they may, and let go what was used longest ago', () => {
    const kept = new KeptStates(100);
    kept.put(by, 'a', made(40));
    kept.put(by, 'b', made(40));
    kept.put(by, 'a', made(41));
    kept.put(by, 'c', made(40));
    expect(['a', 'b', 'c'].map((id) => kept.get(by, id)?.version)).toEqual([41, undefined, 40]);
  });

  it('hold no state that is larger than all may be, and none that is read as quickly', () => {
    const kept = new KeptStates(100);
    kept.put(by, 'a', made(40));
    kept.put(by, 'long', made(101));
    kept.put(by, 'short', made(3));
    expect(['a', 'long', 'short'].map((id) => kept.get(by, id)?.version)).toEqual([40, undefined, undefined]);
  });
});
