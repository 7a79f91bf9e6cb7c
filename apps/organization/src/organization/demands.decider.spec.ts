import { fold, isRefusal } from '#event-sourcing';
import { isDemanding } from './demands.decider.ts';
import { organization } from './organization.decider.ts';
import { created, ids } from './organization.example.ts';
import type { OrganizationEvent } from './vocabulary.decider.ts';

const { ada } = ids;
const AT = '2026-01-01T00:00:00.000Z';
const day = (n: number) => new Date(Date.parse(AT) + n * 86_400_000).toISOString();
const required = (n: number): OrganizationEvent => ({ type: 'SecondFactorRequired', data: { from: day(n) } });

it('an organization asks something of its people from the first demand to the last that is waived', () => {
  const demanding = (...events: OrganizationEvent[]) => isDemanding(fold(organization, events));
  expect(isDemanding(organization.initial)).toBe(false);
  const [timeOut, noTimeOut] = [
    { type: 'IdleTimeoutRequired', data: {} },
    { type: 'IdleTimeoutWaived', data: {} },
  ] as const satisfies OrganizationEvent[];
  const waived = { type: 'SecondFactorWaived', data: {} } as const;
  expect(demanding(created)).toBe(false);
  expect([demanding(created, required(7)), demanding(created, timeOut)]).toEqual([true, true]);
  expect(demanding(created, required(7), timeOut, waived)).toBe(true);
  expect(demanding(created, required(7), timeOut, noTimeOut)).toBe(true);
  expect(demanding(created, required(7), timeOut, noTimeOut, waived)).toBe(false);
});

it('who asks for too early or too late a day is told which days there are', () => {
  const decide = (from: string, ...events: OrganizationEvent[]) => {
    const decision = organization.decide(
      { type: 'RequireSecondFactor', by: ada, from, at: AT, secured: true },
      fold(organization, [created, ...events]),
    );
    return isRefusal(decision) ? decision.facts : decision;
  };
  const detail = (earliest: number) => ({
    fields: [{ pointer: '/from', detail: `must be from ${day(earliest)} to ${day(90)}` }],
  });
  expect(decide(day(6))).toEqual(detail(7));
  expect(decide(day(91))).toEqual(detail(7));
  // Who was told an earlier day has it; a later one gives nobody less notice than the first time.
  expect(decide(day(2), required(3))).toEqual(detail(3));
  expect(decide(day(8), required(9))).toEqual([required(8)]);
  expect(decide(day(6), required(9))).toEqual(detail(7));
});
