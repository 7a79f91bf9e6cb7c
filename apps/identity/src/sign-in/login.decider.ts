import type { Decider } from '#event-sourcing';
import type { LoginMethod } from '../session/session.decider.ts';

/** What was guessed at. */
export type GuessKind = 'password' | 'second-factor';

export type LoginEvent =
  /** In 0.1.0 with one `method`. */
  | {
      type: 'LoginRecorded';
      data:
        | { sessionId: string; method: 'password' | 'sign-up' | 'invitation'; at: string }
        | { sessionId: string; methods: readonly LoginMethod[]; newDevice: boolean; at: string };
    }
  | { type: 'SignInsRefused'; data: { kind: GuessKind; at: string } };

export interface RecordLogin {
  type: 'RecordLogin';
  sessionId: string;
  methods: readonly LoginMethod[];
  /** Whether the browser is none of those that the account is known to use. */
  newDevice: boolean;
  at: string;
}
/** Somebody guesses. Said once a day and kind: strangers cause it. */
export interface RecordGuesses {
  type: 'RecordGuesses';
  kind: GuessKind;
  at: string;
}
export type LoginCommand = RecordLogin | RecordGuesses;

export interface Logins {
  readonly latest: string | null;
  /** Whether it has signed in since browsers are told apart. */
  readonly hasBrowsers: boolean;
  readonly guessed: Readonly<Partial<Record<GuessKind, string>>>;
}

const DAY_MS = 86_400_000;

/** The sign-ins of one account, in a stream of their own: they are many, and the account's own decisions need none of them but the latest. */
export const login: Decider<LoginCommand, Logins, LoginEvent, never> = {
  category: 'login',
  initial: { latest: null, hasBrowsers: false, guessed: {} },
  decide(command, { hasBrowsers, guessed }) {
    if (command.type === 'RecordLogin') {
      const { type: _, newDevice, ...data } = command;
      // Where none was known, each would be new: after an upgrade everybody would be warned of their own browser.
      return [{ type: 'LoginRecorded', data: { ...data, newDevice: newDevice && hasBrowsers } }];
    }
    const { kind, at } = command;
    const last = guessed[kind];
    return last !== undefined && Date.parse(at) - Date.parse(last) < DAY_MS
      ? []
      : [{ type: 'SignInsRefused', data: { kind, at } }];
  },
  evolve(state, { type, data }) {
    if (type === 'SignInsRefused') return { ...state, guessed: { ...state.guessed, [data.kind]: data.at } };
    const { latest, hasBrowsers } = state;
    return {
      ...state,
      latest: latest !== null && latest > data.at ? latest : data.at,
      hasBrowsers: hasBrowsers || 'methods' in data,
    };
  },
};
