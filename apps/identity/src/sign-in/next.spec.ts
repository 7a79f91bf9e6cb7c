import fc from 'fast-check';
import { type Claimed, next, type Proof } from './next.ts';

const claimed = fc.option(
  fc.record({ accountId: fc.uuid(), status: fc.constantFrom<Claimed['status']>('active', 'suspended') }),
  { nil: undefined },
);
const proofs = fc.subarray<Proof>(['password']);

describe('what follows from proofs', () => {
  it('is a session for an active account and a right password, and for nobody else', () => {
    fc.assert(
      fc.property(claimed, proofs, (account, shown) => {
        const followed = next(account, 'sign-in', shown);
        expect(followed.step === 'begin').toBe(account?.status === 'active' && shown.includes('password'));
        if (followed.step === 'begin') expect(followed.accountId).toBe(account?.accountId);
      }),
    );
  });

  it('tells whoever has proved nothing the same of every account, and of none', () => {
    fc.assert(
      fc.property(claimed, (account) => {
        expect(next(account, 'sign-in', [])).toEqual({ step: 'prove', accepts: ['password'] });
      }),
    );
  });

  it('says that an account is suspended once the password is proved', () => {
    expect(next({ accountId: 'a', status: 'suspended' }, 'sign-in', ['password'])).toMatchObject({
      step: 'refuse',
      refusal: { refused: 'account/suspended' },
    });
  });
});
