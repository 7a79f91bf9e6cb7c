import { refusedSignIn } from './refused-sign-in.ts';
import type { Run } from './result.ts';
import { signInRates } from './sign-in-rates.ts';

/** P5: how many sign in; P17: whether the time of a refused sign-in tells that an address has an account. */
export const run: Run = async ({ rounds }) => {
  const rates = await signInRates(rounds);
  const refused = await refusedSignIn(rounds);
  return {
    setting: `P5: ${rates.setting}. P17: POST /v1/sessions with a wrong password, ${refused.tries} tries for known and as many for unknown addresses in turns, one at a time`,
    rows: [...rates.rows, ...refused.rows],
    note: rates.note,
  };
};
