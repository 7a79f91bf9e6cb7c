import fc from 'fast-check';
import { type Broken, type Command, COMMANDS, type Layout, SPANS_MS } from './house.ts';
import type { RuleName } from './rules.ts';
import type { Concern } from './world.ts';

export type What = Command[0];
/** A command whose numbers are drawn, but where they are given. */
export type PlotStep = What | readonly [what: What, one: number, other?: number];
/** What breaking a rule breaks, and the commands that lead there. */
export interface Plot {
  readonly breaks: Broken;
  readonly warm: boolean;
  readonly replicas?: number;
  readonly lines: readonly PlotStep[];
}

const ms = (span: (typeof SPANS_MS)[number]) => SPANS_MS.indexOf(span);
/** With one gateway it is the first of the machines, and the second to be cut from is the first replica. */
const CUT_OFF: PlotStep = ['cut', 0, 1];
const FIRST = 0;
/** Nine steps for one concern, some times over: each statement of the real code is five. */
const steps = (concern: Concern, times: number): readonly PlotStep[] =>
  Array<PlotStep>(times).fill([`press ${concern}`, 0, 8]);

/** For every rule the kind of trouble it is there for. Drawn commands come before, between and after. */
export const PLOTS: Readonly<Record<RuleName, Plot>> = {
  appliedOnlyGrows: {
    breaks: 'in vain',
    warm: true,
    replicas: 1,
    lines: [
      ['delay', FIRST, 0],
      ['live', ms(1_000)],
      ['revoke', 0, 0],
      ...steps('revocation', 3),
      ['press revocation', 0, 2],
      ['live but revocations', ms(2_500)],
      'arrive',
      ['live but revocations', ms(1)],
      ['kill', FIRST],
      ['live', ms(11_000)],
    ],
  },
  gatewayNamesItsApplied: {
    breaks: 'promise',
    warm: false,
    replicas: 1,
    lines: [
      ['delay', 1, 2],
      ['live', ms(5_000)],
      ['request', FIRST, 0],
      ['live', ms(1)],
      CUT_OFF,
      ['revoke', 0, 0],
      ['live', ms(300)],
      'arrive',
      ['live', ms(300)],
    ],
  },
  grantCountsOnceApplied: {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [['delay', 1], 'revoke', ['live', ms(2_500)], CUT_OFF, ['live', ms(11_000)]],
  },
  leaseCountsFromSending: {
    breaks: 'promise',
    warm: true,
    lines: [
      ['pass', ms(1_000)],
      'press house',
      ['pause', FIRST],
      'revoke',
      ['live', ms(11_000)],
      ['resume', FIRST],
      'step',
      'step',
      'step',
      'step',
    ],
  },
  waitsOnOwnClock: {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [CUT_OFF, 'revoke', ['live', ms(300)], ['set wall', 1, 5], ['live', ms(300)]],
  },
  waitAllowsForDrift: {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [['live', ms(300)], ['live', ms(300)], CUT_OFF, 'revoke', ['live', ms(10_200)]],
  },
  repeatedOneWaits: {
    breaks: 'promise',
    warm: true,
    lines: [CUT_OFF, ['revoke', 0, 0], ['live', ms(1_000)], ['revoke', 0, 0], 'live'],
  },
  followersReadAfterCommit: {
    breaks: 'promise',
    warm: false,
    replicas: 1,
    lines: [
      ['revoke', 0, 0],
      ...steps('revocation', 1),
      ['live but revocations', ms(1)],
      ['request', FIRST, 0],
      ['live but revocations', ms(1)],
      CUT_OFF,
      ['live', ms(300)],
    ],
  },
  deletesOnlyAsRead: {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [
      ['pause', FIRST],
      ['revoke', 0, 0],
      ['live', ms(9_900)],
      ['lose', 0],
      ['delay', FIRST, 1],
      ['resume', FIRST],
      ['live', ms(1)],
      CUT_OFF,
      ['live', ms(1_000)],
      ['revoke', 0, 1],
      ['live', ms(1)],
    ],
  },
  renewalsNeverRepeat: {
    breaks: 'promise',
    warm: false,
    replicas: 1,
    lines: [
      ['live', ms(1)],
      ['pause', FIRST],
      ['revoke', 0, 0],
      ['revoke', 0, 1],
      ['live', ms(9_900)],
      ['live but revocations', ms(1_000)],
      ...steps('revocation', 1),
      ['press revocation', 0, 5],
      ['resume', FIRST],
      ['live but revocations', ms(1_000)],
      ['request', FIRST, 2],
      ['live but revocations', ms(1)],
      CUT_OFF,
      ['live', ms(1)],
      ['revoke', 0, 2],
      ['live', ms(1)],
    ],
  },
  seqIsCommitOrder: {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [
      ['delay', 1, 4],
      ['revoke', 0, 0],
      ...steps('revocation', 4),
      ['revoke', 0, 1],
      ['live', ms(2_500)],
      ['request', FIRST, 0],
      ['live', ms(1)],
      'arrive',
      ['live', ms(1)],
    ],
  },
  newEpochWaits: {
    breaks: 'promise',
    warm: false,
    replicas: 2,
    lines: [
      ['request', FIRST, 2],
      ...steps('request', 4),
      'promote',
      ['connect', 1],
      ['revoke', 1, 0],
      ...steps('revocation', 7),
      ['request', FIRST, 0],
      ...steps('request', 4),
    ],
  },
  answersOnlyIfItCanWrite: {
    breaks: 'promise',
    warm: false,
    replicas: 2,
    lines: [
      ['promote', 0],
      ['connect', 1],
      ['revoke', 1],
      ['live', ms(11_000)],
      ['request', FIRST],
      ['live', ms(1)],
    ],
  },
  writeCountsFromSending: {
    breaks: 'promise',
    warm: false,
    replicas: 2,
    lines: [
      ['request', FIRST, 2],
      ...steps('request', 1),
      ['press request', 0],
      ['pause', 1],
      'promote',
      ['connect', 1],
      ['revoke', 1, 0],
      ['live', ms(11_000)],
      ['resume', 1],
      ...steps('request', 1),
      ['request', FIRST, 0],
      ...steps('request', 4),
    ],
  },
  stampedBeforeReading: {
    breaks: 'promise',
    warm: false,
    replicas: 1,
    lines: [
      ['live', ms(1_000)],
      ['request', FIRST, 0],
      ...steps('request', 1),
      ['revoke', 0, 0],
      ['live but requests', ms(300)],
      ['live', ms(1)],
    ],
  },
  judgedInOneRun: {
    breaks: 'promise',
    warm: true,
    lines: [
      CUT_OFF,
      'revoke',
      ['live', ms(11_000)],
      ['request', FIRST],
      'press request',
      'heal',
      'live but requests',
      'live',
    ],
  },
  batchClosesWhenItLeaves: {
    breaks: 'promise',
    warm: false,
    replicas: 1,
    lines: [
      CUT_OFF,
      ['live', ms(1)],
      'heal',
      ['request', FIRST, 0],
      'press request',
      'revoke',
      'press revocation',
      'press revocation',
      ['request', FIRST, 0],
      'press request',
      'press request',
    ],
  },
  oldVerdictIsNotKept: {
    breaks: 'promise',
    warm: false,
    lines: [['live', ms(1_000)], 'request', 'press request', 'revoke', 'live but requests', ['live', ms(1)]],
  },
  oldVerdictIsNotUsed: {
    breaks: 'heard',
    warm: false,
    lines: [['live', ms(1_000)], 'request', 'press request', 'revoke', 'live but requests', ['live', ms(1)]],
  },
  stopsBeforeItLeaves: {
    breaks: 'promise',
    warm: true,
    lines: ['stop', 'press house', 'revoke', 'press revocation', 'press revocation'],
  },
  endsByEitherClock: {
    breaks: 'promise',
    warm: true,
    lines: [['sleep', FIRST], 'revoke', ['live', ms(11_000)], ['resume', FIRST]],
  },
  appliesWithoutGap: {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [['revoke', 0, 0], ['revoke', 0, 1], ...steps('revocation', 2), ['live', ms(300)]],
  },
  stampsReachBackToRegistration: {
    breaks: 'promise',
    warm: false,
    lines: [['request', FIRST, 0], 'press request', ['revoke', 0, 0], ['live but requests', ms(1)], ['live', ms(1)]],
  },
};

/** More of what happens; no rule is about it alone. */
const TROUBLES: readonly Plot[] = [
  { breaks: 'promise', warm: true, lines: [CUT_OFF, 'revoke', ['live', ms(11_000)], ['live', ms(2_500)]] },
  {
    breaks: 'promise',
    warm: true,
    lines: ['turn', 'revoke', 'revoke', ['live', ms(2_500)], CUT_OFF, ['live', ms(11_000)]],
  },
  {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [
      ['delay', 1],
      'revoke',
      'revoke',
      ['live', ms(2_500)],
      'arrive',
      'press house',
      CUT_OFF,
      ['live', ms(11_000)],
    ],
  },
  {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [
      ['live', ms(300)],
      ['live', ms(300)],
      CUT_OFF,
      'revoke',
      ['live', ms(2_500)],
      ['set wall', FIRST, 2],
      ['live', ms(10_200)],
    ],
  },
  {
    breaks: 'promise',
    warm: true,
    replicas: 2,
    lines: ['promote', ['connect', 0], ['connect', 1], 'revoke', ['live', ms(2_500)], 'request', ['live', ms(11_000)]],
  },
];

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

const drawn = (wanted: PlotStep): fc.Arbitrary<Command> => {
  const [what, one, other] = typeof wanted === 'string' ? [wanted] : wanted;
  return fc.tuple(
    fc.constant(what),
    one === undefined ? number : fc.constant(one),
    other === undefined ? number : fc.constant(other),
  );
};
const few = (quiet: number) =>
  fc.oneof(
    { arbitrary: fc.constant<Command[]>([]), weight: quiet },
    { arbitrary: anything.map((command) => [command]), weight: 1 },
  );
const layout = (warm: fc.Arbitrary<boolean>, gateways: number, replicas = 2): fc.Arbitrary<Layout> =>
  fc.record({
    gateways: fc.array(rate, { minLength: 1, maxLength: gateways }),
    replicas: fc.array(rate, { minLength: replicas === 2 ? 2 : 1, maxLength: replicas }),
    warm,
    brings: fc.boolean(),
  });
export type Run = readonly [Layout, readonly Command[]];
/** Runs by a plot: what is drawn comes before, between and after. */
export const plotted = ({ warm, replicas, lines }: Plot, quiet = 5): fc.Arbitrary<Run> =>
  fc.tuple(
    layout(fc.constant(warm), 1, replicas),
    fc
      .tuple(
        fc.tuple(...lines.flatMap((wanted) => [few(quiet), drawn(wanted).map((command) => [command])])),
        fc.array(anything, { maxLength: 6, size: 'max' }),
      )
      .map(([parts, rest]) => [...parts.flat(), ...rest]),
  );
const free: fc.Arbitrary<Run> = fc.tuple(
  layout(fc.boolean(), 3, 3),
  fc.array(anything, { minLength: 8, maxLength: 40, size: 'max' }),
);
const plots = [...Object.values(PLOTS), ...TROUBLES];
/** Half without a plot, half with that of some rule. */
export const anyRun = fc.oneof(
  { arbitrary: free, weight: plots.length },
  ...plots.map((plot) => ({ arbitrary: plotted(plot), weight: 1 })),
);

/** Fewer of everything, for a real server: half without a plot, half with that of some rule. */
const little = fc.tuple(layout(fc.boolean(), 2, 2), fc.array(anything, { minLength: 6, maxLength: 20, size: 'max' }));
export const serverRun = fc.oneof(
  { arbitrary: little, weight: plots.length },
  ...plots.map((plot) => ({ arbitrary: plotted(plot), weight: 1 })),
);
