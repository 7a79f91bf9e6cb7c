import fc from 'fast-check';
import { type Claimed, next, type Proof, type Purpose } from './next.ts';

const ALL: readonly Proof[] = ['password', 'link', 'new-password', 'totp', 'recovery-code', 'passkey', 'sso'];
const PURPOSES: readonly Purpose[] = ['sign-in', 'reset', 'reactivate'];
const claimed = fc.record<Claimed>({
  accountId: fc.uuid(),
  status: fc.constantFrom('active', 'suspended'),
  suspendedFor: fc.constantFrom('inactivity', 'operator', undefined),
  suspendedAt: fc.constantFrom('2026-07-01T00:00:00.000Z', undefined),
  multiFactor: fc.boolean(),
  holds: fc.subarray(['totp', 'recovery-code', 'passkey'] as const),
  singleSignOn: fc.boolean(),
});
const anyone = fc.option(claimed, { nil: undefined });
const proofs = fc.subarray<Proof>([...ALL]);
const purpose = fc.constantFrom<Purpose>(...PURPOSES);
const has = (shown: readonly Proof[], ...any: Proof[]) => any.some((proof) => shown.includes(proof));

describe('what follows from proofs', () => {
  it('is a session only where a first proof, a second where it is asked for, and the account as it stands are all right', () => {
    fc.assert(
      fc.property(anyone, purpose, proofs, (account, wish, shown) => {
        const followed = next(account, wish, shown);
        if (followed.step !== 'begin') return;
        expect(followed.accountId).toBe(account?.accountId);
        if (account?.multiFactor) expect(has(shown, 'totp', 'recovery-code', 'passkey', 'sso')).toBe(true);
        if (account?.singleSignOn) expect(shown).toContain('sso');
        if (wish === 'sign-in') expect(has(shown, 'password', 'passkey', 'sso')).toBe(true);
        else expect(shown).toContain('link');
        if (wish === 'reset') expect(shown).toContain('new-password');
        if (account?.status === 'suspended') {
          expect([wish, account.suspendedFor === 'operator']).toEqual(['reactivate', false]);
          expect(has(shown, 'password', 'passkey', 'new-password', 'sso')).toBe(true);
        }
        expect(followed.reactivates).toBe(account?.status === 'suspended');
      }),
      { numRuns: 5_000 },
    );
  });

  it('never takes a session away for one more proof', () => {
    fc.assert(
      fc.property(anyone, purpose, proofs, fc.constantFrom(...ALL), (account, wish, shown, more) => {
        if (next(account, wish, shown).step === 'begin')
          expect(next(account, wish, [...shown, more]).step).toBe('begin');
      }),
      { numRuns: 5_000 },
    );
  });

  it('says what is missing: with all that it accepts, something else follows', () => {
    fc.assert(
      fc.property(claimed, purpose, proofs, (account, wish, shown) => {
        const followed = next(account, wish, shown);
        if (followed.step !== 'prove' || followed.accepts.length === 0) return;
        for (const proof of followed.accepts) expect(next(account, wish, [...shown, proof])).not.toEqual(followed);
      }),
      { numRuns: 5_000 },
    );
  });

  it('tells whoever has proved nothing the same of every account, and of none', () => {
    fc.assert(
      fc.property(anyone, purpose, (account, wish) => {
        if (account?.singleSignOn) return;
        expect(next(account, wish, [])).toEqual(next(undefined, wish, []));
      }),
    );
  });

  it('says that an account is suspended once all is proved: since when, by what, and how it comes back', () => {
    const suspendedAt = '2026-07-01T00:00:00.000Z';
    const account = {
      accountId: 'a',
      status: 'suspended',
      suspendedAt,
      multiFactor: true,
      holds: [],
      singleSignOn: false,
    } as const;
    expect(next({ ...account, suspendedFor: 'inactivity' }, 'sign-in', ['password'])).toMatchObject({
      step: 'prove',
      next: 'second-factor',
    });
    for (const suspendedFor of ['inactivity', 'operator'] as const)
      expect(next({ ...account, suspendedFor }, 'sign-in', ['password', 'totp'])).toMatchObject({
        step: 'refuse',
        refusal: { refused: 'account/suspended', facts: { reason: suspendedFor, since: suspendedAt } },
      });
  });
});
