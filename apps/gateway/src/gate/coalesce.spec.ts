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

  const turn = () => new Promise((later) => setImmediate(later));

  it('has so many batches under way at most; what comes meanwhile gathers, and leaves when one is back', async () => {
    const batches: string[][] = [];
    const backs: (() => void)[] = [];
    const ask = coalesce(
      (questions: readonly string[]) => {
        batches.push([...questions]);
        return new Promise<readonly string[]>((back) => {
          backs.push(() => {
            back(questions);
          });
        });
      },
      (question) => question,
      { inFlight: 2 },
    );
    const answers: Promise<string>[] = [];
    for (const question of ['a', 'b', 'c', 'd', 'e']) {
      answers.push(ask(question));
      await turn();
    }
    expect(batches).toEqual([['a'], ['b']]);
    backs[0]?.();
    await answers[0];
    await turn();
    expect(batches).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
    backs[1]?.();
    backs[2]?.();
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd', 'e']);
    // Both places are free again, and there are no more of them.
    const more = ['f', 'g', 'h'].map(async (question, n) => {
      for (let i = 0; i < n; i++) await turn();
      return ask(question);
    });
    for (let i = 0; i < 5; i++) await turn();
    expect(batches.slice(3)).toEqual([['f'], ['g']]);
    backs[3]?.();
    backs[4]?.();
    for (let i = 0; i < 3; i++) await turn();
    backs[5]?.();
    expect(await Promise.all(more)).toEqual(['f', 'g', 'h']);
  });

  it('asks 256 questions in one batch, the next in another, and tells nobody the answer to what another asked', async () => {
    const { batches, ask } = recording();
    const questions = Array.from({ length: 257 }, (_, n) => `q${n}`);
    expect(await Promise.all(questions.map(ask))).toEqual(questions.map((question) => question.toUpperCase()));
    expect(batches.map(({ length }) => length)).toEqual([256, 1]);
  });

  it('takes fewer answers than questions for none', async () => {
    const ask = coalesce(
      async (questions: readonly string[]) => questions.slice(1),
      (question) => question,
    );
    await expect(Promise.all([ask('a'), ask('b')])).rejects.toThrow('fewer answers');
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
