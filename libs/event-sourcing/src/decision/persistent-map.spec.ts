import fc from 'fast-check';
import { PersistentMap } from './persistent-map.ts';

/** Few keys, so that they are met again; some with the same hash, so that no depth tells them apart. */
const keys = fc.oneof(
  fc.string(),
  fc.integer({ min: 0, max: 200 }).map(String),
  fc.array(fc.constantFrom('Aa', 'BB'), { minLength: 6, maxLength: 6 }).map((parts) => parts.join('')),
);

describe('a persistent map', () => {
  it('holds what a plain one holds, and those that it was made from stay as they were', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(keys, fc.option(fc.integer())), { maxLength: 300 }),
        fc.string(),
        (changes, stranger) => {
          const plain = new Map<string, number>();
          let map = new PersistentMap<number>();
          for (const [key, value] of changes) {
            const before = map;
            const had = before.get(key);
            map = value === null ? map.without(key) : map.with(key, value);
            if (value === null) plain.delete(key);
            else plain.set(key, value);
            expect(before.get(key)).toBe(had);
          }
          const sorted = (entries: Iterable<[string, number]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
          for (const [key, value] of plain) expect([map.get(key), map.has(key)]).toEqual([value, true]);
          expect(map.has(stranger)).toBe(plain.has(stranger));
          expect(sorted(map.entries())).toEqual(sorted(plain));
          expect(sorted(PersistentMap.of(plain).entries())).toEqual(sorted(plain));
          expect(map.values().sort()).toEqual([...plain.values()].sort());
          expect(map.some((value, key) => value > 7 && key.length > 1)).toBe(
            [...plain].some(([key, value]) => value > 7 && key.length > 1),
          );
          expect(
            map
              .map((value) => value + 1)
              .values()
              .sort(),
          ).toEqual([...plain.values()].map((value) => value + 1).sort());
        },
      ),
    );
  });
});
