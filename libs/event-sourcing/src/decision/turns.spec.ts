import { Turns } from './turns.ts';

describe('Turns', () => {
  it('does the work on one subject in the order of its asking, one at a time, and waits for no other subject', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const first = Promise.withResolvers<void>();
    const work = (name: string, until?: Promise<void>) => async () => {
      seen.push(`${name} begins`);
      await until;
      seen.push(`${name} ends`);
    };
    const all = [turns.take('a', work('a1', first.promise)), turns.take('a', work('a2')), turns.take('a', work('a3'))];
    await turns.take('b', work('b1'));
    expect(seen).toEqual(['a1 begins', 'b1 begins', 'b1 ends']);
    first.resolve();
    await Promise.all(all);
    expect(seen.slice(3)).toEqual(['a1 ends', 'a2 begins', 'a2 ends', 'a3 begins', 'a3 ends']);
  });

  it('goes on after work that failed, and tells of the failure its own caller alone', async () => {
    const turns = new Turns();
    const failing = turns.take('a', () => Promise.reject(new Error('no')));
    const next = turns.take('a', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
