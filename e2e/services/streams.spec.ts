import { account } from '../../apps/identity/src/account/account.decider.ts';
import { session } from '../../apps/identity/src/session/session.decider.ts';
import { login } from '../../apps/identity/src/sign-in/login.decider.ts';
import { mailedLinks } from '../../apps/identity/src/sign-in/mailed-link.decider.ts';
import { signUp } from '../../apps/identity/src/sign-up/sign-up.decider.ts';
import { clock } from '../../apps/inactivity-policy/src/clock/clock.decider.ts';
import { dormancy } from '../../apps/inactivity-policy/src/dormancy/dormancy.process.ts';
import { gap } from '../../apps/inactivity-policy/src/gap/gap.decider.ts';
import { policy } from '../../apps/inactivity-policy/src/policy/policy.decider.ts';
import { job } from '../../apps/job-queue/src/job/job.decider.ts';
import { key } from '../../apps/key-management/src/key/key.decider.ts';
import { mail } from '../../apps/mailer/src/mail/mail.decider.ts';
import { invitation } from '../../apps/organization/src/invitation/invitation.decider.ts';
import { organization } from '../../apps/organization/src/organization/organization.decider.ts';
import { singleSignOn } from '../../apps/organization/src/single-sign-on/single-sign-on.decider.ts';

it('streams keep the names under which the logs of installations have them', () => {
  expect(
    [
      account,
      session,
      login,
      mailedLinks.reset,
      mailedLinks.reactivation,
      mailedLinks.recovery,
      signUp,
      clock,
      dormancy,
      gap,
      policy,
      job,
      key,
      mail,
      invitation,
      organization,
      singleSignOn,
    ].map(({ category }) => category),
  ).toEqual([
    'account',
    'session',
    'login',
    'reset',
    'reactivation',
    'recovery',
    'sign-up',
    'clock',
    'dormancy',
    'gap',
    'policy',
    'job',
    'key',
    'mail',
    'invitation',
    'organization',
    'single-sign-on',
  ]);
});
