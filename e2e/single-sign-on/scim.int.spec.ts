import { createHash } from 'node:crypto';
import type { organization } from '#contracts';
import { code, context } from '../../apps/identity/src/identity.fixture.ts';
import { signingOn } from './signing-on.fixture.ts';

describe('people whom a provider keeps, and their accounts', () => {
  let world: Awaited<ReturnType<typeof signingOn>>;
  beforeAll(async () => {
    world = await signingOn();
  });
  afterAll(() => world.stop());
  type Acme = Awaited<ReturnType<typeof world.acme>>;

  const provisioning = () => world.harness.peer('gateway').of('organization', 'Provisioning');
  async function tokenFor({ callerId, connectionId }: Acme) {
    const wanted = { callerId, connectionId, subject: 'externalId' };
    const { token, secret } = await world.of.connections.makeScimToken(wanted, context());
    return { tokenId: token?.tokenId ?? '', tokenDigest: createHash('sha256').update(secret).digest('hex') };
  }
  /** An organization that its provider judges alone, and the provider's token. */
  async function kept() {
    const acme = await world.acme();
    const made = await tokenFor(acme);
    await world.enforce(acme);
    return { acme, ...made };
  }
  const create = (tokenDigest: string, { domain }: Acme, name: string, more: object = {}) =>
    provisioning().createUser(
      { tokenDigest, body: JSON.stringify({ userName: `${name}@${domain}`, externalId: name, ...more }) },
      context(),
    );
  const setActive = (tokenDigest: string, { userId }: organization.ScimUser, active: boolean) =>
    provisioning().patchUser(
      { tokenDigest, userId, body: JSON.stringify({ Operations: [{ op: 'replace', path: 'active', value: active }] }) },
      context(),
    );
  /** What the organization says to the account. */
  const standingOf = ({ organizationId }: Acme, accountId: string) =>
    code(world.of.organizations.getOrganization({ callerId: accountId, organizationId }, context()));

  it('are matched by the tie that their first sign-in made, before or after the provider told of them', async () => {
    const { acme, tokenDigest } = await kept();
    const carolIsKept = await create(tokenDigest, acme, 'carol');
    const { step } = await world.through(acme.connectionId, { sub: 'carol', email: `carol@${acme.domain}` });
    const carol = step?.signedIn?.account?.accountId ?? '';
    expect(await standingOf(acme, carol)).toBe('done');
    await setActive(tokenDigest, carolIsKept, false);
    expect(await standingOf(acme, carol)).toBe('member/deactivated');
    await provisioning().deleteUser({ tokenDigest, userId: carolIsKept.userId }, context());
    expect(await standingOf(acme, carol)).toBe('organization/unknown');

    const other = await world.acme();
    const bob = await world.join(other, await world.signUp(`bob@${other.domain}`));
    const { connectionId } = other;
    const { tokenDigest: digest } = await tokenFor(other);
    await world.enforce(other);
    const by = world.browser();
    await world.through(connectionId, { sub: 'bob', email: bob.email }, { by });
    await world.bind(bob.accountId, by);
    await create(digest, other, 'bob', { active: 'False' });
    expect(await standingOf(other, bob.accountId)).toBe('member/deactivated');
  });

  it('are bound by no address: a member of the same address stays what he is', async () => {
    const acme = await world.acme();
    const bob = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    const { connectionId } = acme;
    const { tokenDigest: digest } = await tokenFor(acme);
    await world.enforce(acme);
    const user = await create(digest, acme, 'bob', { active: false });
    expect(await standingOf(acme, bob.accountId)).toBe('done');
    // Whom the provider shuts out is tied to nothing, either.
    const claims = { sub: 'bob', email: bob.email };
    expect(await code(world.through(connectionId, claims))).toBe('sign-in/not-a-member');
    expect(await code(world.through(connectionId, claims, { invitationToken: 'any' }))).toBe('sign-in/not-a-member');
    await setActive(digest, user, true);
    expect(await world.through(connectionId, { sub: 'bob', email: bob.email })).toMatchObject({ mailed: true });
  });

  it('come in with the account that they have, by the link in their mailbox', async () => {
    const acme = await world.acme();
    const dan = await world.signUp(`dan@${acme.domain}`);
    const { connectionId } = acme;
    const { tokenDigest } = await tokenFor(acme);
    await world.enforce(acme);
    const claims = { sub: 'dan', email: dan.email };
    expect(await code(world.through(connectionId, claims))).toBe('sign-in/not-a-member');
    await create(tokenDigest, acme, 'dan');
    const by = world.browser();
    expect(await world.through(connectionId, claims, { by })).toMatchObject({ mailed: true });
    expect(await standingOf(acme, dan.accountId)).toBe('organization/unknown');
    await world.bind(dan.accountId, by);
    expect(await standingOf(acme, dan.accountId)).toBe('done');
  });

  it('are invited by nobody once the token is revoked', async () => {
    const { acme, tokenDigest, tokenId } = await kept();
    await create(tokenDigest, acme, 'erin');
    const { callerId, connectionId } = acme;
    await world.of.connections.revokeScimToken({ callerId, connectionId, tokenId }, context());
    expect(await code(create(tokenDigest, acme, 'frank'))).toBe('scim-token/refused');
    const erin = { sub: 'erin', email: `erin@${acme.domain}` };
    expect(await code(world.through(connectionId, erin))).toBe('sign-in/not-a-member');
  });

  it('are never in after the provider has shut them out, whatever came in between', async () => {
    const { acme, tokenDigest } = await kept();
    for (let round = 0; round < 10; round++) {
      const name = `grace-${round}`;
      const user = await create(tokenDigest, acme, name);
      const [came] = await Promise.all([
        world.through(acme.connectionId, { sub: name, email: `${name}@${acme.domain}` }).catch(() => undefined),
        setActive(tokenDigest, user, false),
      ]);
      const accountId = came?.step?.signedIn?.account?.accountId;
      if (accountId !== undefined) expect(await standingOf(acme, accountId)).not.toBe('done');
    }
  });
});
