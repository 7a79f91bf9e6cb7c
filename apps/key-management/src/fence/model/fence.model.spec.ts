import fc from 'fast-check';
import { type Command, COMMANDS, House, type Layout } from './fence.model.ts';
import { type Line, type Plot, PLOTS, type What } from './plots.ts';
import { RULES, type Rules } from './rules.ts';

const SEED = Number(process.env.FENCE_MODEL_SEED ?? 20_261_125);
const RUNS = Number(process.env.FENCE_MODEL_RUNS ?? 20_000);
const RUNS_TO_FIND_MAX = 4_000;
const RECOVERIES = 300;
const MODEL_MAX_MS = 300_000;

const rules = Object.keys(PLOTS) as (keyof Rules)[];
const WEIGHTS: Partial<Record<What, number>> = {
  'request': 6,
  'revoke': 4,
  'live': 4,
  'live but requests': 3,
  'live but revocations': 2,
  'step': 6,
  'press request': 4,
  'press revocation': 4,
  'press house': 4,
};
const number = fc.nat(9_999);
const anything = fc.tuple(
  fc.constantFrom(...COMMANDS.flatMap((what) => Array<What>(WEIGHTS[what] ?? 1).fill(what))),
  number,
  number,
);
const rate = fc.constantFrom(0.99, 1, 1.01);

const drawn = (wanted: Line): fc.Arbitrary<Command> => {
  const [what, one, other] = typeof wanted === 'string' ? [wanted] : wanted;
  return fc.tuple(
    fc.constant(what),
    one === undefined ? number : fc.constant(one),
    other === undefined ? number : fc.constant(other),
  );
};
const few = fc.oneof(
  { arbitrary: fc.constant<Command[]>([]), weight: 5 },
  { arbitrary: anything.map((command) => [command]), weight: 1 },
);
const layout = (warm: fc.Arbitrary<boolean>, gateways: number, replicas = 2): fc.Arbitrary<Layout> =>
  fc.record({
    gateways: fc.array(rate, { minLength: 1, maxLength: gateways }),
    replicas: fc.array(rate, { minLength: replicas === 2 ? 2 : 1, maxLength: replicas }),
    warm,
  });
type Run = readonly [Layout, readonly Command[]];
const plotted = ({ warm, replicas, lines }: Plot): fc.Arbitrary<Run> =>
  fc.tuple(
    layout(fc.constant(warm), 1, replicas),
    fc
      .tuple(
        fc.tuple(...lines.flatMap((wanted) => [few, drawn(wanted).map((command) => [command])])),
        fc.array(anything, { maxLength: 6, size: 'max' }),
      )
      .map(([parts, rest]) => [...parts.flat(), ...rest]),
  );
const free: fc.Arbitrary<Run> = fc.tuple(
  layout(fc.boolean(), 3, 3),
  fc.array(anything, { minLength: 8, maxLength: 40, size: 'max' }),
);
/** Half without a plot, half with that of some rule. */
const anyRun = fc.oneof(
  { arbitrary: free, weight: rules.length },
  ...rules.map((rule) => ({ arbitrary: plotted(PLOTS[rule]), weight: 1 })),
);

describe(`the fence, modelled (seed ${SEED})`, () => {
  it(
    'T-REV-1 accepts nothing that was sent after its revocation returned, whatever is late, lost, paused, cut off, killed or promoted',
    () => {
      const total = { accepted: 0, refused: 0, unavailable: 0, revoked: 0, atOnce: 0, gaveUp: 0, fromMemory: 0 };
      fc.assert(
        fc.property(anyRun, ([layout, commands]) => {
          const house = new House(layout).run(commands);
          expect([...house.broken]).toEqual([]);
          const { counts } = house;
          for (const what of Object.keys(total) as (keyof typeof total)[]) total[what] += counts[what];
        }),
        { numRuns: RUNS, seed: SEED },
      );
      // Where nothing happens nothing goes wrong: of a run at least so much happens on average.
      expect(total.accepted / RUNS).toBeGreaterThan(2);
      expect(total.fromMemory / RUNS).toBeGreaterThan(0.25);
      expect(total.refused / RUNS).toBeGreaterThan(0.1);
      expect(total.revoked / RUNS).toBeGreaterThan(0.5);
      expect(total.atOnce / RUNS).toBeGreaterThan(0.3);
      expect(total.gaveUp / RUNS).toBeGreaterThan(0.1);
    },
    MODEL_MAX_MS,
  );

  it(
    'comes back by itself: afterwards every revocation returns, and good keys are accepted from memory',
    () => {
      fc.assert(
        fc.property(anyRun, ([layout, commands]) => {
          const house = new House(layout)
            .run(commands.filter(([what, , other]) => what !== 'revoke' || other % 2 === 0))
            .recover();
          expect([...house.broken]).toEqual([]);
          expect(house.remembersWhatIsGood).toBe(true);
          expect(house.revokeAll().isRevokedForGood).toBe(true);
        }),
        { numRuns: RECOVERIES, seed: SEED },
      );
    },
    MODEL_MAX_MS,
  );

  it.each(rules)(
    'T-REV-2 does not hold without the rule %s',
    (rule) => {
      const { breaks } = PLOTS[rule];
      const found = fc.check(
        fc.property(
          plotted(PLOTS[rule]),
          ([layout, commands]) => !new House(layout, { ...RULES, [rule]: false }).run(commands).broken.has(breaks),
        ),
        { numRuns: RUNS_TO_FIND_MAX, seed: SEED, endOnFailure: true },
      );
      expect(found.failed).toBe(true);
    },
    MODEL_MAX_MS,
  );
});
