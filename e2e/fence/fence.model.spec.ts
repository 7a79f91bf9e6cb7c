import fc from 'fast-check';
import { editedGate } from './code.ts';
import { House } from './house.ts';
import { anyRun, PLOTS, plotted } from './plots.ts';
import { type RuleName, RULES } from './rules.ts';

const SEED = Number(process.env.FENCE_MODEL_SEED ?? 20_261_125);
const RUNS = Number(process.env.FENCE_MODEL_RUNS ?? 3_000);
const RUNS_TO_FIND_MAX = 4_000;
const RECOVERIES = 100;
const MODEL_MAX_MS = 300_000;

const rules = (Object.keys(RULES) as RuleName[]).filter((rule) => RULES[rule].of === 'gateway');

describe(`gateways at the fence, in virtual time (seed ${SEED})`, () => {
  it(
    'T-REV-1 accept nothing that was sent after its revocation returned, whatever is late, lost, paused, cut off, killed or promoted',
    async () => {
      const total = { accepted: 0, refused: 0, unavailable: 0, revoked: 0, atOnce: 0, waited: 0, fromMemory: 0 };
      await fc.assert(
        fc.asyncProperty(anyRun, async ([layout, commands]) => {
          const house = await new House(layout).run(commands);
          expect([...house.broken]).toEqual([]);
          const { counts } = house;
          for (const what of Object.keys(total) as (keyof typeof total)[]) total[what] += counts[what];
        }),
        { numRuns: RUNS, seed: SEED },
      );
      // A run in which nothing happens proves nothing: on average at least so much happens in each.
      expect(total.accepted / RUNS).toBeGreaterThan(2);
      expect(total.fromMemory / RUNS).toBeGreaterThan(0.25);
      expect(total.refused / RUNS).toBeGreaterThan(0.1);
      expect(total.revoked / RUNS).toBeGreaterThan(0.5);
      expect(total.atOnce / RUNS).toBeGreaterThan(0.3);
      expect(total.waited / RUNS).toBeGreaterThan(0.1);
    },
    MODEL_MAX_MS,
  );

  it(
    'come back by themselves: afterwards every revocation returns, and good keys are accepted from memory',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyRun, async ([layout, commands]) => {
          const house = await new House(layout).run(
            commands.filter(([what, , other]) => what !== 'revoke' || other % 2 === 0),
          );
          await house.recover();
          expect([...house.broken]).toEqual([]);
          expect(house.remembersWhatIsGood).toBe(true);
          expect((await house.revokeAll()).isRevokedForGood).toBe(true);
        }),
        { numRuns: RECOVERIES, seed: SEED },
      );
    },
    MODEL_MAX_MS,
  );

  it.each(rules)(
    'T-REV-2 do not keep the promise without %s',
    async (rule) => {
      const [gate, { breaks }] = [await editedGate(RULES[rule].edits), PLOTS[rule]];
      const found = await fc.check(
        fc.asyncProperty(
          plotted(PLOTS[rule], 40),
          async ([layout, commands]) => !(await new House(layout, { gate }).run(commands)).broken.has(breaks),
        ),
        { numRuns: RUNS_TO_FIND_MAX, seed: SEED, endOnFailure: true },
      );
      const [layout, commands] = found.counterexample?.[0] ?? [];
      if (!layout || !commands) throw new Error('nothing was broken');
      // It is the rule that makes the difference: with it, the same run is in order.
      expect([...(await new House(layout).run(commands)).broken]).toEqual([]);
    },
    MODEL_MAX_MS,
  );
});
