import { RECORD_TYPES } from '#contracts';
import { kinds, sentences } from '../../apps/console/src/texts/record.ts';

describe('the sentences of what happened', () => {
  it('are there for each type of event that a record holds, and for no other', () => {
    expect(Object.keys(sentences).toSorted()).toEqual([...RECORD_TYPES].toSorted());
  });

  it('are each of one kind that can be chosen', () => {
    expect(
      Object.values(kinds)
        .flatMap(([, types]) => types)
        .toSorted(),
    ).toEqual([...RECORD_TYPES].toSorted());
  });
});
