import fc from 'fast-check';
import { PersistentMap } from './persistent-map.ts';

describe('a persistent map', () => {
  it('holds what a plain one holds, and those that it was made from stay as they were', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.integer())), fc.string(), (entries, stranger) => {
      const plain = new Map<string, number>();
      let map = new PersistentMap<number>();
      for (const [key, value] of entries) {
        const before = map;
        const had = before.get(key);
        map = map.with(key, value);
        plain.set(key, value);
        expect(before.get(key)).toBe(had);
      }
      for (const [key, value] of plain) expect([map.get(key), map.has(key)]).toEqual([value, true]);
      expect(map.has(stranger)).toBe(plain.has(stranger));
      expect(map.values().sort()).toEqual([...plain.values()].sort());
      expect(map.map((value) => value + 1).values().sort()).toEqual([...plain.values()].map((value) => value + 1).sort());
    }));
  });
});
