import { given } from '#testing';
import fc from 'fast-check';
import { signUp } from './sign-up.decider.ts';

const AT = '2026-01-01T00:00:00.000Z';
const after = (ms: number) => new Date(Date.parse(AT) + ms).toISOString();
const requested = { type: 'SignUpRequested', data: { emailDigest: 'd', registered: false, at: AT } } as const;
const verified = { type: 'SignUpVerified', data: { accountId: 'a' } } as const;

describe('RequestSignUp', () => {
  it('is remembered', () => {
    given(signUp, [])
      .when({ type: 'RequestSignUp', managed: false, ...requested.data })
      .then([requested]);
  });
  it('adds nothing when it is repeated', () => {
    given(signUp, [requested])
      .when({ type: 'RequestSignUp', managed: false, ...requested.data })
      .thenNothing();
  });
});

describe('VerifySignUp', () => {
  it('spends the link', () => {
    given(signUp, [requested])
      .when({ type: 'VerifySignUp', accountId: 'a', at: after(1000) })
      .then([verified]);
  });
  it('refuses a spent link', () => {
    given(signUp, [requested, verified])
      .when({ type: 'VerifySignUp', accountId: 'b', at: after(1000) })
      .thenRefused('link/unknown');
  });
  it('refuses a link that was never sent', () => {
    given(signUp, []).when({ type: 'VerifySignUp', accountId: 'a', at: AT }).thenRefused('link/unknown');
  });
  it('refuses where the address had an account already', () => {
    given(signUp, [{ ...requested, data: { ...requested.data, registered: true } }])
      .when({ type: 'VerifySignUp', accountId: 'a', at: AT })
      .thenRefused('link/unknown');
  });
  it('works to the last moment of 24 hours, and not in the one after', () => {
    given(signUp, [requested])
      .when({ type: 'VerifySignUp', accountId: 'a', at: after(86_399_999) })
      .then([verified]);
    given(signUp, [requested])
      .when({ type: 'VerifySignUp', accountId: 'a', at: after(86_400_000) })
      .thenRefused('link/unknown');
  });
  it('works within 24 hours and never after', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 172_800_000 }), (ms) => {
        const verify = given(signUp, [requested]).when({ type: 'VerifySignUp', accountId: 'a', at: after(ms) });
        if (ms < 86_400_000) verify.then([verified]);
        else verify.thenRefused('link/unknown');
      }),
    );
  });
});
