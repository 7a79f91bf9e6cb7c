import { code, context } from '../../apps/identity/src/identity.fixture.ts';
import { ORIGIN, signingOn } from './signing-on.fixture.ts';

describe("signing in at an organization's own provider", () => {
  let world: Awaited<ReturnType<typeof signingOn>>;
  beforeAll(async () => {
    world = await signingOn();
  });
  afterAll(() => world.stop());

  it('shuts every session by password out from the answer on, and lets its people in through the provider alone', async () => {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    expect(await world.isOpen(bob.token)).toBe(true);
    const { tested, enforced } = await world.enforce(acme);
    expect(tested).toEqual({ subject: 'owner', email: acme.owner.email, fresh: true });
    expect(enforced).toBe(true);
    expect([await world.isOpen(bob.token), await world.isOpen(acme.owner.token)]).toEqual([false, false]);
    expect(await code(world.signIn(bob.email))).toBe('sign-in/single-sign-on');

    const by = world.browser();
    const first = await world.through(acme.connectionId, { sub: 'bob', email: bob.email }, { by });
    expect(first).toMatchObject({ mailed: true });
    const bound = await world.bind(bob.accountId, by);
    const session = world.member(bob.email, bound.step?.signedIn);
    expect(session.accountId).toBe(bob.accountId);
    expect(await world.isOpen(session.token)).toBe(true);
    expect(bound.step?.signedIn?.session?.methods).toEqual(['sso', 'link']);

    const again = await world.through(acme.connectionId, { sub: 'bob', email: bob.email });
    expect(world.member(bob.email, again.step?.signedIn).accountId).toBe(bob.accountId);
  });

  it('binds nobody by a link that is opened in another browser, or twice', async () => {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    await world.enforce(acme);
    const by = world.browser();
    await world.through(acme.connectionId, { sub: 'mallory', email: bob.email }, { by });
    const victims = world.browser();
    await world
      .through(acme.connectionId, { sub: 'nobody', email: `nobody@${acme.domain}` }, { by: victims })
      .catch(() => 'refused');
    expect(await code(world.bind(bob.accountId, victims))).toBe('link/other-browser');
    expect(await code(world.bind(bob.accountId, { ...by, token: '' }))).toBe('link/other-browser');
    expect(await code(world.bind(bob.accountId, by))).toBe('done');
    expect(await code(world.bind(bob.accountId, by))).toBe('sign-in/not-begun-here');
  });

  it('makes members of people whom nobody invited only where an owner has switched it on', async () => {
    const acme = await world.acme();
    await world.enforce(acme);
    const carol = { sub: 'carol', email: `carol@${acme.domain}`, name: 'Carol' };
    expect(await code(world.through(acme.connectionId, carol))).toBe('sign-in/not-a-member');
    const { callerId, connectionId } = acme;
    await world.of.connections.putSettings(
      { callerId, connectionId, sessionHours: 8, justInTime: true, guests: 'allowed' },
      context(),
    );
    const { step } = await world.through(acme.connectionId, carol);
    expect(step?.signedIn?.account).toMatchObject({ email: carol.email, name: 'Carol' });
    const { session, sessionToken = '' } = step?.signedIn ?? {};
    expect(await world.isOpen(sessionToken)).toBe(true);
    const hours = (Date.parse(session?.endsAt ?? '') - Date.parse(session?.createdAt ?? '')) / 3_600_000;
    expect(hours).toBeCloseTo(8, 1);
  });

  it('asks the mailbox first where the provider says nothing of having verified it', async () => {
    const acme = await world.acme();
    await world.enforce(acme);
    const { callerId, connectionId } = acme;
    await world.of.connections.putSettings(
      { callerId, connectionId, sessionHours: 24, justInTime: true, guests: 'allowed' },
      context(),
    );
    const dan = { sub: 'dan', email: `dan@${acme.domain}`, email_verified: undefined };
    const by = world.browser();
    expect(await world.through(connectionId, dan, { by })).toMatchObject({ mailed: true });
    const token = await world.signUpLink();
    const bind = (browserToken: string) => world.of.signingOn.bind({ token, browserToken, visit: by.visit }, context());
    expect(await code(bind(''))).toBe('link/other-browser');
    const { step } = await bind(by.token);
    expect(step?.signedIn?.account?.email).toBe(dan.email);
    expect(await world.isOpen(step?.signedIn?.sessionToken ?? '')).toBe(true);
    expect(await code(bind(by.token))).toBe('link/unknown');
    expect((await world.through(connectionId, dan)).step?.signedIn?.account?.email).toBe(dan.email);
  });

  it('says that the provider is away, and takes no password instead; open sessions go on', async () => {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    await world.enforce(acme);
    const by = world.browser();
    await world.through(acme.connectionId, { sub: 'bob', email: bob.email }, { by });
    const token = (await world.bind(bob.accountId, by)).step?.signedIn?.sessionToken ?? '';
    const again = (at = {}) => world.through(acme.connectionId, { sub: 'bob', email: bob.email }, { at });
    const away = (_request: unknown, response: { destroy(): void }) => {
      response.destroy();
    };
    expect(await code(again({ '/token': away }))).toBe('sign-in/provider-unavailable');
    expect(await code(world.signIn(bob.email))).toBe('sign-in/single-sign-on');
    expect(await world.isOpen(token)).toBe(true);
    expect(await code(again())).toBe('done');
  });

  it('asks organization for a configuration once: what is kept goes on without it, what is not waits', async () => {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    await world.enforce(acme);
    const by = world.browser();
    await world.through(acme.connectionId, { sub: 'bob', email: bob.email }, { by });
    await world.bind(bob.accountId, by);
    await world.harness
      .database('organization')
      .asOwner(`DELETE FROM connection_secrets WHERE connection_id = '${acme.connectionId}'`);
    expect(await code(world.through(acme.connectionId, { sub: 'bob', email: bob.email }))).toBe('done');
    const another = (await world.harness.replica('identity'))('gateway').of('identity', 'SingleSignOn');
    const { connectionId } = acme;
    const start = { connectionId, purpose: 'sign-in', origin: ORIGIN, network: 'n' };
    expect(await code(another.start(start, context()))).toContain('INTERNAL');
  });

  it('lets the owner turn it off: sessions through the provider end, and passwords wait for a mailbox', async () => {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    await world.enforce(acme);
    const by = world.browser();
    await world.through(acme.connectionId, { sub: 'bob', email: bob.email }, { by });
    const token = (await world.bind(bob.accountId, by)).step?.signedIn?.sessionToken ?? '';
    expect(await world.isOpen(token)).toBe(true);
    const { callerId, connectionId } = acme;
    const off = await world.of.connections.turnOff({ callerId, connectionId }, context());
    expect(off.enforced).toBe(true);
    expect(await world.isOpen(token)).toBe(false);
    expect(await code(world.signIn(bob.email))).toBe('password/locked');
    expect(await code(world.through(connectionId, { sub: 'bob', email: bob.email }))).toBe('connection/unknown');

    // Enforced again at once, before the streams of its sessions say that they have ended.
    await world.enforce(acme);
    expect(await world.isOpen(token)).toBe(false);
    const { step } = await world.through(connectionId, { sub: 'bob', email: bob.email });
    expect(await world.isOpen(step?.signedIn?.sessionToken ?? '')).toBe(true);
  });

  it('sends whoever is invited on to the provider: at once where the organization is its own, by signing in first elsewhere', async () => {
    const [acme, other] = [await world.acme(), await world.acme()];
    await world.enforce(acme);
    const invite = async ({ callerId, organizationId }: typeof acme, email: string) => {
      const wish = { callerId, organizationId, email, role: 'member', projectIds: [] };
      const { invitationId } = await world.of.invitations.invite(wish, context());
      const mailed = world.harness.peer('mailer').of('organization', 'Invitations');
      return (await mailed.addressInvitation({ invitationId }, context())).token ?? '';
    };
    const look = async (token: string) => {
      const { next, connectionId } = await world.of.invitations.lookInvitation({ token }, context());
      return [next, connectionId];
    };
    const email = `dora@${acme.domain}`;
    const [own, elsewhere] = [await invite(acme, email), await invite(other, email)];
    expect(await look(own)).toEqual(['sso', acme.connectionId]);
    expect(await look(elsewhere)).toEqual(['sign-in', undefined]);
    expect(await look(await invite(other, `dora@${other.domain}`))).toEqual(['create', undefined]);
    // Nothing is spent, and no account is made, by who goes on there all the same.
    const through = (invitationToken: string) =>
      world.through(acme.connectionId, { sub: 'dora', email }, { invitationToken });
    expect(await code(through(elsewhere))).toBe('sign-in/not-a-member');
    expect(await look(elsewhere)).toEqual(['sign-in', undefined]);
    expect((await through(own)).step?.signedIn?.account?.email).toBe(email);
  });
});
