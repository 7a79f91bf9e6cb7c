import { PersistentMap } from './persistent-map.ts';
import { readState, shapeOf, writeState } from './snapshot.ts';

describe('a snapshot', () => {
  it('gives back the state that it was made of, maps and sets at any depth', () => {
    const state = {
      name: '#map',
      none: null,
      members: new PersistentMap<{ of: PersistentMap<true> }>().with('a', {
        of: new PersistentMap<true>().with('b', true),
      }),
      plain: new Map([['c', new Set(['d'])]]),
    };
    const back = readState(writeState(state)) as typeof state;
    expect(back).toEqual(state);
    expect(back.members.get('a')?.of.entries()).toEqual([['b', true]]);
    expect(readState(writeState(undefined))).toBeUndefined();
  });

  it('has another shape when a word of a decider is another', () => {
    expect(new Set([shapeOf(['a', 'b']), shapeOf(['ab']), shapeOf(['a', 'c'])]).size).toBe(3);
  });
});
