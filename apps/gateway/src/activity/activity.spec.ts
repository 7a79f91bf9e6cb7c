import type { inactivity } from '#contracts';
import { Clock, type Logger, type Peers } from '#platform';
import { Activity } from './activity.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const DAY_MS = 86_400_000;

describe('who was here today', () => {
  /** With an inactivity-policy that answers when it is told to, or fails. */
  function house() {
    const told: string[][] = [];
    const waiting: (() => void)[] = [];
    const state = { at: NOON, slow: false, fails: false };
    const peers = {
      of: () => ({
        recordActivity: async ({ activities }: { activities: inactivity.Activity[] }) => {
          told.push(
            activities.map(
              ({ accountId, kind, occurredAt }) => `${accountId} ${kind} ${Date.parse(occurredAt) - NOON}`,
            ),
          );
          if (state.slow) await new Promise<void>((go) => waiting.push(go));
          if (state.fails) throw new Error('away');
          return {};
        },
      }),
    } as unknown as Peers;
    const clock = new (class extends Clock {
      now = () => new Date(state.at);
    })();
    const warned: string[] = [];
    const logger = {
      warn: (_fields: object, text: string) => warned.push(text),
      error: (_fields: object, text: string) => warned.push(text),
    } as unknown as Logger;
    const activity = new Activity(peers, clock, logger);
    return {
      activity,
      told,
      state,
      warned,
      answer: () => {
        for (const go of waiting.splice(0)) go();
      },
    };
  }

  it('is on record before the first answer of the day, once for each kind, and again on the next day', async () => {
    const { activity, told, state } = house();
    await activity.record('ada', 'api');
    expect(told).toEqual([['ada api 0']]);
    expect(activity.record('ada', 'api')).toBeUndefined();
    await activity.record('ada', 'session');
    await activity.record('eve', 'api');
    expect(told).toEqual([['ada api 0'], ['ada session 0'], ['eve api 0']]);
    state.at += DAY_MS / 2 - 1;
    expect(activity.record('ada', 'api')).toBeUndefined();
    state.at += 1;
    await activity.record('ada', 'api');
    expect(told.at(-1)).toEqual([`ada api ${DAY_MS / 2}`]);
    expect(activity.keptCount).toBe(0);
  });

  it('is asked once while the first record waits: those that come meanwhile wait with it', async () => {
    const { activity, told, state, answer } = house();
    state.slow = true;
    const [one, two] = [activity.record('ada', 'api'), activity.record('ada', 'api')];
    expect([one === two, one instanceof Promise]).toEqual([true, true]);
    answer();
    await one;
    expect(told).toHaveLength(1);
  });

  it('holds up nobody for long: what takes longer is kept, and until it is written all before it is not vouched for', async () => {
    const { activity, state, answer } = house();
    state.slow = true;
    await activity.record('ada', 'api');
    expect(activity.keptCount).toBe(1);
    expect(activity.record('ada', 'api')).toBeUndefined();
    state.at += 60_000;
    expect(activity.watermark()).toEqual(new Date(NOON));
    answer();
    await new Promise(setImmediate);
    expect([activity.keptCount, activity.watermark()]).toEqual([0, new Date(NOON + 60_000)]);
  });

  it('is kept where it could not be told, oldest first, and told until a write fails again', async () => {
    const { activity, told, state, warned } = house();
    state.fails = true;
    await activity.record('ada', 'api');
    state.at += 1_000;
    await activity.record('eve', 'session');
    expect([activity.keptCount, activity.watermark(), warned.length]).toEqual([2, new Date(NOON), 2]);
    await activity.writeKept();
    expect([activity.keptCount, told.at(-1)]).toEqual([2, ['ada api 0', 'eve session 1000']]);
    state.fails = false;
    await activity.writeKept();
    expect(activity.keptCount).toBe(0);
  });

  it('is written down for who comes after this process while it is kept, and cleared when all is told', async () => {
    const { activity, state, warned } = house();
    const written: string[] = [];
    activity.journal = {
      keep: ({ accountId }) => {
        if (accountId === 'full') throw new Error('no space');
        written.push(accountId);
      },
      clear: () => {
        written.push('cleared');
      },
    };
    await activity.record('ada', 'api');
    expect(written).toEqual(['cleared']);
    state.fails = true;
    await activity.record('eve', 'api');
    expect(written).toEqual(['cleared', 'eve']);
    await activity.record('full', 'api');
    expect([activity.journal, warned.at(-1)]).toEqual([undefined, expect.stringContaining('memory alone')]);
    state.fails = false;
    await activity.writeKept();
    expect([activity.keptCount, written]).toEqual([0, ['cleared', 'eve']]);
  });
});
