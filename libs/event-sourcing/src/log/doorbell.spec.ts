import { Doorbell, type Sql } from '#event-sourcing';
import { setTimeout as pause } from 'node:timers/promises';

describe('doorbell', () => {
  it('wakes all who wait', async () => {
    const doorbell = new Doorbell();
    const waiting = Promise.all([doorbell.waitFor(5_000), doorbell.waitFor(5_000)]);
    doorbell.notify();
    expect(await waiting).toEqual([true, true]);
  });

  it('does not lose a ring between the look and the wait', async () => {
    const doorbell = new Doorbell();
    const before = doorbell.sequence;
    doorbell.notify();
    expect(await doorbell.waitFor(5_000, before)).toBe(true);
    expect(await doorbell.waitFor(1, doorbell.sequence)).toBe(false);
  });

  it('tells other processes at most once in 10 ms, and swallows that it could not', async () => {
    let notified = 0;
    const sql: Sql = {
      query: () => {
        notified++;
        return Promise.reject(new Error('gone'));
      },
    };
    const doorbell = new Doorbell({ sql, channel: 'log' });
    for (let i = 0; i < 100; i++) doorbell.notify();
    expect(notified).toBe(0);
    await pause(25);
    expect(notified).toBe(1);
    doorbell.notify();
    await pause(25);
    expect(notified).toBe(2);
  });
});
