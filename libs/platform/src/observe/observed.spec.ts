import { judgeAll, observe, scrape } from './observed.ts';
import { watched } from './metrics.ts';

const good = { judge: async () => ({ ready: true, reasons: [], degraded: [] }), parts: {} };
const never = () => new Promise<never>(() => undefined);

describe('scrape', () => {
  it('shows what can be looked up when a part fails, and counts the hole', async () => {
    const end = observe('identity', {
      ...good,
      parts: {
        relay: async () => {
          throw new Error('away');
        },
        parked: async () => {
          watched.parked.set({ service: 'identity', state: 'failed' }, 3);
        },
      },
    });
    const text = await scrape();
    expect(text).toContain('rollcall_ready{service="identity"} 1');
    expect(text).toContain('rollcall_parked_messages{service="identity",state="failed"} 3');
    expect(text).toContain('rollcall_scrape_failures_total{service="identity",part="relay"} 1');
    end();
    expect(await scrape()).not.toContain('rollcall_parked_messages{');
  });

  it('is made once for all who ask at the same time', async () => {
    let looks = 0;
    const end = observe('mailer', {
      ...good,
      parts: {
        relay: async () => {
          looks++;
        },
      },
    });
    await Promise.all([scrape(), scrape(), scrape()]);
    expect(looks).toBe(1);
    end();
  });

  it('ends in time for Prometheus, though nothing of a service answers', async () => {
    const end = observe('mailer', { judge: never, parts: { a: never, b: never, c: never } });
    const began = performance.now();
    expect(await scrape(100)).toContain('rollcall_scrape_failures_total{service="mailer",part="c"} 1');
    expect(performance.now() - began).toBeLessThan(2_000);
    expect((await judgeAll(50)).mailer).toMatchObject({ ready: false });
    end();
    expect(await judgeAll()).toEqual({});
  });
});
