import { coalesce } from './coalesce.ts';

describe('coalesce', () => {
  const recording = () => {
    const batches: string[][] = [];
    const ask = coalesce(
      async (questions: readonly string[]) => {
        batches.push([...questions]);
        return questions.map((question) => question.toUpperCase());
      },
      (question) => question,
    );
    return { batches, ask };
  };

  it('asks what comes in one turn in one batch, each question once', async () => {
    const { batches, ask } = recording();
    expect(await Promise.all([ask('a'), ask('b'), ask('a')])).toEqual(['A', 'B', 'A']);
    expect(batches).toEqual([['a', 'b']]);
  });

  it('lets no question join a batch that has left', async () => {
    const batches: string[][] = [];
    let answer = (_: readonly string[]) => undefined as void;
    const ask = coalesce(
      (questions: readonly string[]) => {
        batches.push([...questions]);
        return new Promise<readonly string[]>((resolve) => {
          answer = resolve;
        });
      },
      (question) => question,
    );
    const first = ask('a');
    await new Promise((turn) => setImmediate(turn));
    const second = ask('a');
    answer(['old']);
    expect(await first).toBe('old');
    await new Promise((turn) => setImmediate(turn));
    answer(['new']);
    expect(await second).toBe('new');
    expect(batches).toEqual([['a'], ['a']]);
  });

  it('gives a failure to all who asked, and starts anew', async () => {
    let fail = true;
    const ask = coalesce(
      async (questions: readonly string[]) => {
        if (fail) throw new Error('away');
        return questions;
      },
      (question) => question,
    );
    await expect(Promise.all([ask('a'), ask('b')])).rejects.toThrow('away');
    fail = false;
    expect(await ask('a')).toBe('a');
  });
});
