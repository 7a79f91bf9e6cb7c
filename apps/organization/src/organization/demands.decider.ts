import { refuse } from '#event-sourcing';
import { secondFactorMissing, unlessOwner } from './members.decider.ts';
import type {
  DemandIdleTimeout,
  Organization,
  OrganizationEvent,
  OrganizationStatus,
  RequireSecondFactor,
  WaiveSecondFactor,
} from './vocabulary.decider.ts';

const DAY_MS = 86_400_000;
/** Days that people have to set a second factor up, and days that a demand may lie ahead. */
const NOTICE_DAYS = 7;
const AHEAD_DAYS = 90;

/** Whether it asks anything of its people. */
export const isDemanding = (state: Organization): boolean =>
  state.status === 'standing' && (state.idleTimeout || state.secondFactorFrom !== undefined);

export function requireSecondFactor({ by, from, at, secured }: RequireSecondFactor, state: OrganizationStatus) {
  const refusal = unlessOwner(state, by);
  if (refusal) return refusal;
  // Nobody locks himself out, nor asks of others what he does not do.
  if (!secured) return secondFactorMissing('Only an owner who has a second factor may ask for one.');
  const [soonest, latest] = [after(at, NOTICE_DAYS), after(at, AHEAD_DAYS)];
  const standing = state.secondFactorFrom;
  const wanted = from ?? standing ?? soonest;
  if (wanted === standing) return [];
  // Whoever was told a day has it: a demand that stands may be put off, and never comes with less notice than the first time.
  const earliest = standing !== undefined && standing < soonest ? standing : soonest;
  if (wanted < earliest || wanted > latest)
    return refuse(
      'request/invalid',
      `People need time to set a second factor up: choose an instant from ${earliest} to ${latest}.`,
      { fields: [{ pointer: '/from', detail: `must be from ${earliest} to ${latest}` }] },
    );
  return [{ type: 'SecondFactorRequired', data: { from: wanted } }] satisfies OrganizationEvent[];
}

export function waiveSecondFactor({ by }: WaiveSecondFactor, state: OrganizationStatus) {
  const refusal = unlessOwner(state, by);
  if (refusal) return refusal;
  return state.secondFactorFrom === undefined
    ? []
    : ([{ type: 'SecondFactorWaived', data: {} }] satisfies OrganizationEvent[]);
}

export function demandIdleTimeout({ by, required }: DemandIdleTimeout, state: OrganizationStatus) {
  const refusal = unlessOwner(state, by);
  if (refusal) return refusal;
  return required === state.idleTimeout
    ? []
    : ([{ type: required ? 'IdleTimeoutRequired' : 'IdleTimeoutWaived', data: {} }] satisfies OrganizationEvent[]);
}

const after = (at: string, days: number) => new Date(Date.parse(at) + days * DAY_MS).toISOString();
