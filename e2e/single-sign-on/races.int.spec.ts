import { inflateRawSync } from 'node:zlib';
import type { Peers } from '#platform';
import { selfSigned } from '#testing';
import { code, context, PASSWORD, visit } from '../../apps/identity/src/identity.fixture.ts';
import { ACS, answerXml, AT, PROVIDER, SERVICE } from '../../apps/identity/src/single-sign-on/saml/answers.fixture.ts';
import { type Member, ORIGIN, signingOn, totp } from './signing-on.fixture.ts';

type World = Awaited<ReturnType<typeof signingOn>>;
type Acme = Awaited<ReturnType<World['acme']>>;

describe('single sign-on, of which two processes hear at once', () => {
  let world: World;
  let machines: Peers[];
  beforeAll(async () => {
    world = await signingOn();
    const { harness } = world;
    machines = [harness.peer('gateway'), (await harness.replica('identity'))('gateway')];
  });
  afterAll(() => world.stop());

  /** Does it on both machines, three times each, at once. Answers what each came to, sorted. */
  const together = async (work: (machine: Peers) => Promise<unknown>) =>
    (await Promise.all([...machines, ...machines, ...machines].map((machine) => code(work(machine))))).sort();
  const once = (refusal: string) => ['done', ...Array.from({ length: 5 }, () => refusal)].sort();

  const openSessions = async ({ accountId }: Pick<Member, 'accountId'>) =>
    (await world.of.sessions.listSessions({ accountId }, context())).items.length;

  const settle = ({ callerId, connectionId }: Acme, more: { justInTime?: boolean; breakGlassAccountId?: string }) =>
    world.of.connections.putSettings(
      { callerId, connectionId, sessionHours: 8, justInTime: false, guests: 'allowed', ...more },
      context(),
    );

  /** Bob of an organization that enforces, bound to who he is at its provider. */
  async function bob() {
    const acme = await world.acme();
    const who = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    const there = { sub: 'bob', email: who.email };
    await world.enforce(acme);
    const by = world.browser();
    await world.through(acme.connectionId, there, { by });
    return { ...acme, who, there, by };
  }

  it('makes one session of one answer', async () => {
    const { who, there, by, connectionId } = await bob();
    await world.bind(who.accountId, by);
    const answer = await world.answered(connectionId, there);
    expect(await together((machine) => machine.of('identity', 'SingleSignOn').finish(answer, context()))).toEqual(
      once('sign-in/not-begun-here'),
    );
    expect(await openSessions(who)).toBe(2);
  });

  it('makes one session of one assertion', async () => {
    const acme = await world.acme();
    const { callerId, organizationId } = acme;
    const provider = await selfSigned('idp.example');
    const { connectionId } = await world.of.connections.draftConnection(
      { callerId, organizationId, name: 'SAML' },
      context(),
    );
    await world.of.connections.putSaml(
      {
        callerId,
        connectionId,
        entityId: PROVIDER,
        signInUrl: 'https://idp.example/sign-in',
        certificates: [provider.certificate],
      },
      context(),
    );
    const answered = async (purpose: 'test' | 'sign-in', sub: string, email: string, holder = acme.owner.holder) => {
      const started = await world.of.signingOn.start(
        { connectionId, purpose, origin: ORIGIN, network: visit().network, ...(purpose === 'test' ? { holder } : {}) },
        context(),
      );
      const asked = new URL(started.location).searchParams;
      const request = inflateRawSync(Buffer.from(asked.get('SAMLRequest') ?? '', 'base64')).toString();
      const [, requestId = ''] = / ID="([^"]+)"/.exec(request) ?? [];
      const as = (text: string) =>
        [
          [ACS, `${ORIGIN}/sso/${connectionId}/acs`],
          [SERVICE, `${ORIGIN}/sso/${connectionId}`],
          ['_request1', requestId],
          ['_assertion1', `_${sub}-${requestId}`],
          ['alice-1', sub],
          ['alice@acme.example', email],
          ...[-20, -10, -5, 300, 36_000].map((s) => [AT(s), new Date(Date.now() + s * 1_000).toISOString()] as const),
        ].reduce((made, [from = '', to = '']) => made.replaceAll(from, to), text);
      const xml = answerXml(provider.privateKey, { stated: as, around: as });
      return {
        connectionId,
        browserToken: started.browserToken,
        state: asked.get('RelayState') ?? '',
        samlResponse: Buffer.from(xml).toString('base64'),
        origin: ORIGIN,
        visit: visit(),
        ...(purpose === 'test' ? { holder } : {}),
      };
    };
    const who = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
    await world.of.signingOn.finish(await answered('test', 'owner', acme.owner.email), context());
    await world.of.connections.enforce({ callerId, connectionId }, context());
    const first = await answered('sign-in', 'bob', who.email);
    await world.of.signingOn.finish(first, context());
    await world.bind(who.accountId, { token: first.browserToken, visit: first.visit });
    const answer = await answered('sign-in', 'bob', who.email);
    expect(await together((machine) => machine.of('identity', 'SingleSignOn').finish(answer, context()))).toEqual(
      once('sign-in/not-begun-here'),
    );
    expect(await openSessions(who)).toBe(2);
  });

  it('binds once by one link', async () => {
    const { who, by } = await bob();
    const token = await world.bindingLink(who.accountId);
    const link = { token, browserToken: by.token, visit: by.visit };
    expect(await together((machine) => machine.of('identity', 'SingleSignOn').bind(link, context()))).toEqual(
      once('sign-in/not-begun-here'),
    );
    expect(await openSessions(who)).toBe(1);
  });

  it('makes one account of somebody who comes for the first time, in several tabs at once', async () => {
    const acme = await world.acme();
    await world.enforce(acme);
    await settle(acme, { justInTime: true });
    const carol = { sub: 'carol', email: `carol@${acme.domain}` };
    const answers = [];
    for (let tab = 0; tab < 6; tab++) answers.push(await world.answered(acme.connectionId, carol));
    const came = await Promise.all(
      answers.map((answer, n) =>
        code(machines[n % 2]?.of('identity', 'SingleSignOn').finish(answer, context()) ?? Promise.reject(new Error())),
      ),
    );
    expect(new Set(came)).toEqual(new Set(['done']));
    const { accountId } = await world.harness
      .peer('organization')
      .of('identity', 'Accounts')
      .findAccount({ email: carol.email }, context());
    expect(await openSessions({ accountId: accountId ?? '' })).toBe(6);
  });

  it('lets nobody on by a link that an older configuration of the connection has led to', async () => {
    const { who, by, ...acme } = await bob();
    const { callerId, connectionId } = acme;
    const { clientId, clientSecret } = { clientId: 'rollcall', clientSecret: 'a secret: with % and +' };
    const client = { issuer: world.provider.issuer, clientId, clientAuthentication: 'client_secret_post' };
    const owner = world.browser();
    await world.through(connectionId, { sub: 'owner', email: acme.owner.email }, { by: owner });
    const { step } = await world.bind(acme.owner.accountId, owner);
    await world.of.connections.putOidc({ callerId, connectionId, client, clientSecret }, context());
    await world.enforce({ ...acme, owner: world.member(acme.owner.email, step?.signedIn) });
    expect(await code(world.bind(who.accountId, by))).toBe('sign-in/not-begun-here');
  });

  it('takes what a provider has vouched for once, also of the owner who may come without it', async () => {
    const acme = await world.acme();
    const { owner } = acme;
    const { secret } = await world.secure(owner);
    await settle(acme, { breakGlassAccountId: owner.accountId });
    await world.enforce(acme);
    const by = world.browser();
    await world.through(acme.connectionId, { sub: 'owner', email: owner.email }, { by });
    const halves = [await world.bind(owner.accountId, by), await world.bind(owner.accountId, by)];
    const outcomes = [];
    for (const [n, { step }] of halves.entries()) {
      const halfToken = step?.half?.halfToken ?? '';
      const proof = { totp: totp(secret, n) };
      outcomes.push(await code(world.of.signIns.proveHalf({ halfToken, proof, visit: visit() }, context())));
    }
    expect(outcomes).toEqual(['done', 'sign-in/half-required']);
  });

  describe('while facts are late', () => {
    /** Nobody writes there until it is let go. */
    async function held(service: 'identity' | 'organization', table: string) {
      const client = await world.harness.database(service).pool.connect();
      await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`);
      return async () => {
        await client.query('ROLLBACK');
        client.release();
      };
    }

    it('shuts passwords out from the answer on, also those of people whose joining identity has not heard of', async () => {
      const acme = await world.acme();
      const who = await world.signUp(`bob@${acme.domain}`);
      const letGo = await held('organization', 'relay');
      await world.join(acme, who);
      expect((await world.enforce(acme)).enforced).toBe(true);
      const [isOpen, signIn] = [await world.isOpen(who.token), await code(world.signIn(who.email))];
      await letGo();
      expect([isOpen, signIn]).toEqual([false, 'sign-in/single-sign-on']);
    });

    it('says that it is not known to hold until identity has it', async () => {
      const acme = await world.acme();
      const who = await world.join(acme, await world.signUp(`bob@${acme.domain}`));
      const letGo = await held('identity', 'sso_enforced');
      expect((await world.enforce(acme)).enforced).toBe(false);
      expect(await world.isOpen(who.token)).toBe(true);
      await letGo();
      const { callerId, connectionId } = acme;
      expect((await world.of.connections.enforce({ callerId, connectionId }, context())).enforced).toBe(true);
      expect(await world.isOpen(who.token)).toBe(false);
    });

    it('holds whoever joins while it is enforced to the provider', async () => {
      for (let round = 0; round < 5; round++) {
        const acme = await world.acme();
        const who = await world.signUp(`bob@${acme.domain}`);
        const invitationId = await world.invitation(acme, who.email);
        const [enforced] = await Promise.all([
          world.enforce(acme),
          world.of.invitations.acceptOwnInvitation({ callerId: who.accountId, invitationId }, context()),
        ]);
        expect(enforced.enforced).toBe(true);
        expect([await world.isOpen(who.token), await code(world.signIn(who.email, PASSWORD))]).toEqual([
          false,
          'sign-in/single-sign-on',
        ]);
      }
    });
  });
});
