import { isListed, isStrict, judgeMove, type MoveEvidence, whyNotStrict, type WriterEvidence } from './evidence.ts';

const NOBODY: MoveEvidence = {
  move: 'restarted',
  writers: [],
  bus: 'silent',
  file: 'silent',
  copied: false,
  busRequired: false,
};
const judged = (some: Partial<MoveEvidence>) => judgeMove({ ...NOBODY, ...some }).is;
const writer = (some: Partial<WriterEvidence> = {}): WriterEvidence => ({
  state: 'died',
  strict: true,
  listed: true,
  ...some,
});

describe('what is known of a log on another server', () => {
  it('older wins over everything', () => {
    const writers = [writer({ state: 'lived' })];
    for (const move of ['first', 'restarted', 'promoted', 'foreign'] as const)
      for (const witness of [{ bus: 'ahead' }, { file: 'ahead' }] as const)
        expect(judged({ move, writers, bus: 'none', file: 'none', ...witness })).toBe('older');
  });

  it('a restart is whole by a process that lived, by the bus or by the file, and waits where nobody can say', () => {
    expect(judged({ writers: [writer({ state: 'lived' }), writer()] })).toBe('whole');
    expect(judged({ bus: 'none' })).toBe('whole');
    expect(judged({ file: 'none' })).toBe('whole');
    expect(judged({ writers: [writer(), writer({ state: 'left' })] })).toBe('wait');
    expect(judged({})).toBe('wait');
  });

  it('where the bus is required a file alone proves nothing', () => {
    expect(judged({ file: 'none', busRequired: true })).toBe('wait');
    expect(judged({ bus: 'none', busRequired: true })).toBe('whole');
  });

  it('a copy that a backup made is one until a process that lived, or the file, says otherwise', () => {
    expect(judged({ copied: true })).toBe('person');
    expect(judged({ copied: true, bus: 'none' })).toBe('person');
    expect(judged({ copied: true, file: 'none' })).toBe('whole');
    expect(judged({ copied: true, writers: [writer({ state: 'lived' })] })).toBe('whole');
  });

  it('T-MOV-6 a promotion is whole only where the primary waited for every standby that it named, and this is one', () => {
    const move = 'promoted';
    for (const state of ['lived', 'left', 'died'] as const) {
      expect(judged({ move, writers: [writer({ state })] })).toBe('whole');
      expect(judged({ move, writers: [writer({ state, strict: false })] })).toBe('person');
      expect(judged({ move, writers: [writer({ state, listed: false })] })).toBe('person');
      expect(judged({ move, writers: [writer({ state }), writer({ strict: false })] })).toBe('person');
    }
    expect(judged({ move, bus: 'none', file: 'none' })).toBe('person');
  });

  it('a copy of another cluster waits for a person, whoever says that it is whole', () => {
    expect(judged({ move: 'foreign', writers: [writer({ state: 'lived' })], bus: 'none', file: 'none' })).toBe(
      'person',
    );
  });
});

describe('a primary that waits for its standbys', () => {
  it.each([
    ['a', 'on', true],
    ['ANY 2 (a, b)', 'on', true],
    ['FIRST 2 (a,b)', 'remote_apply', true],
    ['2 ("a", b)', 'on', true],
    ['a, b', 'on', false],
    ['ANY 1 (a, b)', 'on', false],
    ['FIRST 1 (a, b)', 'on', false],
    ['*', 'on', false],
    ['ANY 1 (*)', 'on', false],
    ['', 'on', false],
    ['a', 'remote_write', false],
    ['a', 'local', false],
    ['a', 'off', false],
    ['a', 'fsync off', false],
  ])('%s with synchronous_commit %s: for all of them: %s', (standbys, commits, strict) => {
    expect(isStrict(standbys, commits)).toBe(strict);
  });

  it.each([
    ['a', 'on', undefined],
    ['', 'on', /is empty/],
    ['ANY 1 (*)', 'on', /has a \*/],
    ['ANY 1 (a, b)', 'on', /1 of 2/],
    ['a', 'local', /synchronous_commit is local/],
    ['a', 'fsync off', /fsync is off/],
  ])('%s with synchronous_commit %s: why it is not, in words', (standbys, commits, why) => {
    if (why) expect(whyNotStrict(standbys, commits)).toMatch(why);
    else expect(whyNotStrict(standbys, commits)).toBeUndefined();
  });

  it('names them in any case', () => {
    expect(isListed('ANY 2 ("One", two)', 'one')).toBe(true);
    expect(isListed('ANY 2 (one, TWO)', 'two')).toBe(true);
    expect([isListed('one', 'three'), isListed('one', ''), isListed('', '')]).toEqual([false, false, false]);
  });
});
