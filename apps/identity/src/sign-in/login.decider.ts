import type { Decider } from '#event-sourcing';

export type LoginMethod = 'password' | 'sign-up' | 'invitation';
export type LoginEvent = { type: 'LoginRecorded'; data: { sessionId: string; method: LoginMethod; at: string } };
export interface RecordLogin {
  type: 'RecordLogin';
  sessionId: string;
  method: LoginMethod;
  at: string;
}

/** The sign-ins of one account, in a stream of their own: they are many, and the account's own decisions need none of them but the latest. */
export const login: Decider<RecordLogin, { latest: string | null }, LoginEvent, never> = {
  category: 'login',
  initial: { latest: null },
  decide: ({ sessionId, method, at }) => [{ type: 'LoginRecorded', data: { sessionId, method, at } }],
  evolve: ({ latest }, { data: { at } }) => ({ latest: latest !== null && latest > at ? latest : at }),
};
