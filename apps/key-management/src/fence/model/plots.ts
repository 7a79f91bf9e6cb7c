import { type Broken, type Command, SPANS_MS } from './fence.model.ts';
import type { Rules } from './rules.ts';

export type What = Command[0];
/** A command whose numbers are drawn, but where they are given. */
export type Line = What | readonly [what: What, one: number, other?: number];
/** What breaking a rule breaks, and the commands that lead there. */
export interface Plot {
  readonly breaks: Broken;
  readonly warm: boolean;
  readonly replicas?: number;
  readonly lines: readonly Line[];
}

const ms = (span: (typeof SPANS_MS)[number]) => SPANS_MS.indexOf(span);
/** With one gateway it is the first of the machines, and the second to be cut from is the first replica. */
const CUT_OFF: Line = ['cut', 0, 1];
const FIRST = 0;

/** For every rule the kind of trouble it is there for. Drawn commands come before, between and after. */
export const PLOTS: Record<keyof Rules, Plot> = {
  appliedOnlyGrows: {
    breaks: 'in vain',
    warm: true,
    lines: [
      ['delay', FIRST],
      ['live', ms(1_000)],
      'revoke',
      'press revocation',
      'live but revocations',
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
      'delay',
      ['live', ms(2_500)],
      'request',
      ['live', ms(1)],
      CUT_OFF,
      'revoke',
      'press revocation',
      'arrive',
      ['live', ms(1)],
    ],
  },
  grantCountsOnceApplied: {
    breaks: 'promise',
    warm: false,
    lines: ['delay', 'live', 'request', 'live', 'revoke', 'press revocation', 'arrive', 'live'],
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
  waitsOnOwnClock: { breaks: 'promise', warm: true, lines: [CUT_OFF, 'set wall', 'revoke', 'live'] },
  waitAllowsForDrift: {
    breaks: 'promise',
    warm: true,
    lines: [['live', ms(300)], ['live', ms(300)], CUT_OFF, 'revoke', 'live'],
  },
  repeatedOneWaits: {
    breaks: 'promise',
    warm: true,
    lines: [CUT_OFF, ['revoke', 0, 0], ['live', ms(1_000)], ['revoke', 0, 0], 'live'],
  },
  followersReadAfterCommit: {
    breaks: 'promise',
    warm: false,
    lines: [
      'revoke',
      'press revocation',
      'live but revocations',
      'request',
      'live but revocations',
      CUT_OFF,
      'press revocation',
      'live',
    ],
  },
  deletesOnlyAsRead: {
    breaks: 'promise',
    warm: true,
    replicas: 1,
    lines: [
      ['pause', FIRST],
      ['revoke', 0],
      ['live', ms(9_900)],
      ['resume', FIRST],
      'press house',
      'press house',
      CUT_OFF,
      ['live', ms(300)],
      'revoke',
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
      ['pass', ms(1_000)],
      'press revocation',
      'press revocation',
      'press revocation',
      ['resume', FIRST],
      ['live but revocations', ms(1)],
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
    lines: [
      'revoke',
      'press revocation',
      'revoke',
      'press revocation',
      'live but revocations',
      'press revocation',
      CUT_OFF,
      'press revocation',
    ],
  },
  newEpochWaits: {
    breaks: 'promise',
    warm: false,
    replicas: 2,
    lines: [
      CUT_OFF,
      ['live', ms(1)],
      ['promote', 0],
      ['connect', 1],
      ['revoke', 1],
      ['live', ms(1)],
      'heal',
      ['request', FIRST],
      'press request',
      'press request',
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
      CUT_OFF,
      ['live', ms(1)],
      ['pass', ms(1_000)],
      'press house',
      ['pause', 1],
      'heal',
      ['promote', 0],
      ['connect', 1],
      ['revoke', 1],
      ['live', ms(11_000)],
      ['resume', 1],
      'step',
      'step',
      ['request', FIRST],
      'press request',
      'press request',
    ],
  },
  stampedBeforeReading: {
    breaks: 'promise',
    warm: false,
    lines: [['live', ms(1_000)], 'request', 'press request', 'revoke', 'live but requests', ['live', ms(1)]],
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
};
