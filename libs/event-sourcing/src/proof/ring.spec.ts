import { Ring } from './ring.ts';

const event = (version: number) => ({ streamId: 's-1', version, eventId: `e${version}` });
const versions = (ring: Ring) => ring.all.map(({ version }) => version);

describe('what a process was promised', () => {
  it('is forgotten only when a heartbeat that began after it was acknowledged', () => {
    const ring = new Ring();
    ring.note([event(1)]);
    ring.begin();
    ring.note([event(2)]);
    expect(versions(ring)).toEqual([1, 2]);
    ring.acknowledged();
    expect(versions(ring)).toEqual([2]);
  });

  it('outlives heartbeats that were not acknowledged', () => {
    const ring = new Ring();
    for (const n of [1, 2, 3]) {
      ring.note([event(n)]);
      ring.begin();
    }
    expect(versions(ring)).toEqual([1, 2, 3]);
    ring.acknowledged();
    expect([versions(ring), ring.newest]).toEqual([[], undefined]);
  });

  it('keeps ids, and nothing of what they belong to', () => {
    const ring = new Ring();
    ring.note([{ ...event(1), event: { data: 'much' } } as never]);
    expect(ring.all).toEqual([event(1)]);
    expect(ring.newest).toEqual(event(1));
  });
});
