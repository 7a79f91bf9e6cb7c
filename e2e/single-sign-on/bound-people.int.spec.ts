import type { Fact } from '#contracts';
import { HOTP, Secret } from 'otpauth';
import { code, context, PASSWORD, visit } from '../../apps/identity/src/identity.fixture.ts';
import { type Member, signingOn } from './signing-on.fixture.ts';

describe('whom a provider knows', () => {
  let world: Awaited<ReturnType<typeof signingOn>>;
  beforeAll(async () => {
    world = await signingOn();
  });
  afterAll(() => world.stop());

  /** An organization that lets its provider judge alone, and Bob, who is bound to `bob` there and in by it. */
  async function bound() {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    await world.enforce(acme);
    const by = world.browser();
    await world.through(acme.connectionId, { sub: 'bob', email: bob.email }, { by });
    const { step } = await world.bind(bob.accountId, by);
    return { acme, bob: world.member(bob.email, step?.signedIn) };
  }
  const told = async (topic: Parameters<typeof world.harness.told>[0], name: Fact['name'], id: string) =>
    (await world.harness.told(topic)).filter(
      (fact) => fact.name === name && Object.values(fact.data as object).includes(id),
    );
  async function eventually(holds: () => Promise<boolean>) {
    const until = performance.now() + 20_000;
    while (!(await holds())) {
      if (performance.now() > until) throw new Error('it never came to hold');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const addressOf = async ({ accountId }: Member, purpose: string) =>
    world.harness.peer('mailer').of('identity', 'Recoveries').addressLetter({ purpose, id: accountId }, context());

  it('is another person than the one who comes with the same address: owners are told once a day, and one of them unbinds', async () => {
    const { acme, bob } = await bound();
    const anew = { sub: 'bob-anew', email: bob.email };
    for (const _ of [1, 2]) expect(await code(world.through(acme.connectionId, anew))).toBe('sign-in/already-bound');
    await eventually(async () => (await told('identity.accounts', 'BindingRefused.v1', bob.accountId)).length > 0);
    const [refused, again] = await told('identity.accounts', 'BindingRefused.v1', bob.accountId);
    expect([refused?.data, again]).toEqual([
      { accountId: bob.accountId, organizationId: acme.organizationId, connectionId: acme.connectionId },
      undefined,
    ]);

    expect(await world.isOpen(bob.token)).toBe(true);
    const { connectionId } = acme;
    const unbind = (accountId: string) => world.of.signingOn.unbind({ connectionId, accountId }, context());
    expect(await unbind(bob.accountId)).toEqual({ ended: 1 });
    expect(await world.isOpen(bob.token)).toBe(false);
    // Said again, and of somebody else, it does nothing: it tells nobody who is bound.
    expect(await unbind(bob.accountId)).toEqual({ ended: 0 });
    expect(await unbind(crypto.randomUUID())).toEqual({ ended: 0 });
    const by = world.browser();
    expect(await world.through(connectionId, anew, { by })).toMatchObject({ mailed: true });
    const { step } = await world.bind(bob.accountId, by);
    expect(step?.signedIn?.account?.accountId).toBe(bob.accountId);
    expect(await world.through(connectionId, { sub: 'bob', email: bob.email }).catch(() => 'refused')).toBe('refused');
  });

  it('is let go when the connection is removed', async () => {
    const { acme, bob } = await bound();
    const { callerId, connectionId } = acme;
    await world.of.connections.removeConnection({ callerId, connectionId }, context());
    await eventually(async () => (await told('identity.accounts', 'SubjectUnbound.v1', bob.accountId)).length === 1);
    const { rows } = await world.harness
      .database('identity')
      .pool.query('SELECT FROM sso_bindings WHERE connection_id = $1', [connectionId]);
    expect(rows).toHaveLength(0);
  });

  it('has another address here once it is another there, which no link undoes', async () => {
    const { acme, bob } = await bound();
    const moved = `robert@${acme.domain}`;
    const signedIn = async (email: string, more: object = {}) =>
      (await world.through(acme.connectionId, { sub: 'bob', email, ...more })).step?.signedIn?.account?.email;
    expect(await signedIn(moved)).toBe(moved);
    expect((await addressOf(bob, 'address-undo')).email).toBe(bob.email);
    const { token = '' } = await addressOf(bob, 'address-undo');
    expect(await code(world.of.recoveries.undoAddress({ token }, context()))).toBe('account/address-managed');
    await eventually(async () => (await told('identity.accounts', 'AddressChanged.v1', bob.accountId)).length > 0);
    const [changed] = await told('identity.accounts', 'AddressChanged.v1', bob.accountId);
    expect(changed?.data).toMatchObject({ by: 'provider' });
    // Within the week, and back: the address between them is free again.
    expect(await signedIn(`rob@${acme.domain}`)).toBe(`rob@${acme.domain}`);
    expect(await signedIn(moved)).toBe(moved);
    expect(await signedIn(bob.email)).toBe(bob.email);
  });

  it('is asked by mail where the provider does not say that it has verified the address, and stays in', async () => {
    const { acme, bob } = await bound();
    const email = `robert@${acme.domain}`;
    const signIn = () => world.through(acme.connectionId, { sub: 'bob', email, email_verified: undefined });
    const { step } = await signIn();
    expect(step?.signedIn?.account?.email).toBe(bob.email);
    await signIn();
    await eventually(
      async () => (await told('identity.accounts', 'AddressChangeRequested.v1', bob.accountId)).length === 1,
    );
    const letter = await addressOf(bob, 'address-confirm');
    expect(letter.email).toBe(email);
    await world.of.recoveries.confirmAddress({ token: letter.token ?? '' }, context());
    expect((await signIn()).step?.signedIn?.account?.email).toBe(email);
    expect(await world.isOpen(step?.signedIn?.sessionToken ?? '')).toBe(true);
    const { token = '' } = await addressOf(bob, 'address-undo');
    expect(await code(world.of.recoveries.undoAddress({ token }, context()))).toBe('account/address-managed');
  });

  it.each([
    ['lies in no domain of the organization', {}, () => 'robert@elsewhere.example'],
    ['is of another account', {}, (domain: string) => `owner@${domain}`],
  ])('keeps the old address where the new one %s, and comes in', async (_why, more, wished) => {
    const { acme, bob } = await bound();
    const { step } = await world.through(acme.connectionId, { sub: 'bob', email: wished(acme.domain), ...more });
    expect(step?.signedIn?.account?.email).toBe(bob.email);
  });

  it('are those of a domain whatever address they had when they signed up', async () => {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob-${acme.domain}@elsewhere.example`));
    const email = `bob@${acme.domain}`;
    await world.of.security.requestAddressChange({ holder: bob.holder, email }, context());
    const { token = '' } = await addressOf(bob, 'address-confirm');
    await world.of.recoveries.confirmAddress({ token }, context());
    await world.enforce(acme);
    expect(await code(world.signIn(email))).toBe('sign-in/single-sign-on');
  });

  it('may be one owner who comes in without it: each time the owners are told', async () => {
    const acme = await world.acme();
    const { callerId, connectionId, owner } = acme;
    const { holder } = owner;
    const issuer = 'id.example.com';
    const { factorId, secret } = await world.of.security.beginAuthenticator(
      { holder, name: 'Phone', issuer },
      context(),
    );
    await world.of.security.confirmAuthenticator({ holder, factorId, code: totp(secret, -1) }, context());
    const settings = { sessionHours: 24, justInTime: false, guests: 'allowed', breakGlassAccountId: callerId };
    await world.of.connections.putSettings({ callerId, connectionId, ...settings }, context());
    await world.enforce(acme);
    const { half } = await world.signIn(owner.email, PASSWORD);
    const { halfToken = '' } = half ?? {};
    const proof = { totp: totp(secret, 0) };
    const { signedIn } = await world.of.signIns.proveHalf({ halfToken, proof, visit: visit() }, context());
    expect(await world.isOpen(world.member(owner.email, signedIn).token)).toBe(true);
    await eventually(
      async () => (await told('organization.single-sign-on', 'BreakGlassUsed.v1', callerId)).length === 1,
    );
  });
});

/** An authenticator's code: of this half minute, or of one beside it. */
const totp = (secret: string, offset: number) =>
  HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(Date.now() / 30_000) + offset });
