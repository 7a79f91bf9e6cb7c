import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { type Answer, api, Refusal } from '../api/client.ts';
import { keepWelcome } from '../context/welcome.ts';
import { Said } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';

export type Half = Answer<'GET', '/v1/sessions/half'>;
/** What a proof comes to: a session, or what else is asked for. */
export type Step = Answer<'POST', '/v1/sessions'>;

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The address that was typed: never in the page's address, where others read it. */
    email?: string | undefined;
    /** What it signs in by. */
    next?: 'password' | 'single-sign-on';
    /** When a mail was asked for, ms since 1970. */
    sentAt?: number;
    /** A second factor was shown, so a shorter password does. */
    beside?: boolean;
    /** What a suspended account was told. */
    suspended?: Refusal['problem'];
    /** What a test of a connection came to. */
    tested?: { subject: string; email: string; fresh: boolean };
  }
}

/** Goes on after a proof: into the console, to the next proof, or to what a suspended account is told. @param to where the sign-in leads, a path */
export function useEnter(to?: string): (asked: Promise<Step>, email?: string) => Promise<void> {
  const router = useRouter();
  const navigate = useNavigate();
  const queries = useQueryClient();
  return async (asked, email) => {
    const step = await asked.catch(async (error: unknown) => {
      if (!(error instanceof Refusal && error.problem.code === 'account/suspended')) throw error;
      await navigate({ to: '/suspended', state: { suspended: error.problem, email } });
      return undefined;
    });
    if (step === undefined) return;
    if ('account' in step) {
      queries.clear();
      const until = 'stayActiveUntil' in step ? step.stayActiveUntil : null;
      if (until !== null) keepWelcome(until);
      router.history.replace(until === null ? (to ?? '/keys') : '/welcome-back');
      return;
    }
    if (step.next === 'single-sign-on') throw new Said(ways.signIn.governed);
    if (step.next === 'new-password') {
      const state = { beside: true };
      await navigate({ to: step.purpose === 'reactivate' ? '/reactivate' : '/reset', replace: true, state });
    } else await navigate({ to: '/sign-in/factor', search: to === undefined ? {} : { to } });
  };
}

/** The path as the API takes it: an address of this console, written out. */
const returning = (to: string | undefined) =>
  to !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}$/.test(to) ? { returnTo: to } : {};

/** Leaves for the identity provider, which sends the browser back. */
export async function goToProvider(
  body: { email: string } | { connectionId: string; token?: string },
  to?: string,
): Promise<void> {
  const { location: there } = await api.post('/v1/single-sign-on/start', { body: { ...body, ...returning(to) } });
  location.assign(there);
}
