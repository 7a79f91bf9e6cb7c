import { BackOff, Doorbell, Loop } from '#event-sourcing';

const FOR_EVER_MS = 2 ** 31 - 1;

/** A loop whose turns the test answers: each by how long to wait, or by an error. */
function loopOf(answers: readonly (number | Error)[], options: { backOff?: BackOff; bell?: Doorbell } = {}) {
  const told: unknown[] = [];
  const done = Promise.withResolvers<void>();
  let turns = 0;
  const loop = new Loop(
    () => {
      const answer = answers[turns++] ?? FOR_EVER_MS;
      if (turns > answers.length) done.resolve();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    { alarm: (error) => told.push(error), ...options },
  );
  return { loop, told, turns: () => turns, allTaken: done.promise };
}

describe('a loop', () => {
  it('takes turn after turn, whatever fails, and tells each failure', async () => {
    const failure = new Error('gone');
    const { loop, told, allTaken, turns } = loopOf([0, failure, failure, 1], { backOff: new BackOff(1, 2) });
    loop.start();
    loop.start();
    await allTaken;
    await loop.stop();
    expect(told).toEqual([failure, failure]);
    expect(turns()).toBe(5);
  });

  it('hears a ring while it waits, and one that came during the turn before', async () => {
    const bell = new Doorbell();
    const { loop, allTaken } = loopOf([FOR_EVER_MS], { bell });
    loop.start();
    bell.notify();
    await allTaken;
    await loop.stop();
  });

  it('stops out of the longest wait, and before the first turn', async () => {
    const { loop, turns } = loopOf([FOR_EVER_MS, FOR_EVER_MS]);
    loop.start();
    await loop.stop();
    expect(turns()).toBe(1);
    const late = loopOf([0]);
    const waiting = new Loop(() => Promise.reject(new Error('too early')), {
      alarm: (error) => late.told.push(error),
      firstMs: FOR_EVER_MS,
    });
    waiting.start();
    await waiting.stop();
    expect(late.told).toEqual([]);
  });

  it('waits for the turn under way, whose signal is given, and tells nothing of what that breaks off', async () => {
    const told: unknown[] = [];
    const loop = new Loop(
      (signal) =>
        new Promise((_, failed) => {
          signal.addEventListener('abort', () => {
            failed(new Error('broken off'));
          });
        }),
      { alarm: (error) => told.push(error) },
    );
    loop.start();
    await loop.stop();
    expect(told).toEqual([]);
  });
});
