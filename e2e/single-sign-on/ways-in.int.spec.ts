import { randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import { code, context, PASSWORD, visit } from '../../apps/identity/src/identity.fixture.ts';
import { type Member, signingOn, totp } from './signing-on.fixture.ts';

type World = Awaited<ReturnType<typeof signingOn>>;
type Acme = Awaited<ReturnType<World['acme']>>;

const NEW_PASSWORD = 'a short ride over the hill';
const AT = '2026-01-01T00:00:00.000Z';

/** Somebody of, or beside, an organization, and who they are at its provider. */
interface Person extends Member {
  readonly acme: Acme;
  readonly sub: string;
  readonly secret: string | undefined;
}

/** How an account may stand towards an organization that has let its provider judge. */
interface Standing {
  /** Of an address in none of its domains. */
  readonly guest?: true;
  readonly secured?: true;
  readonly breakGlass?: true;
  readonly never?: true;
  readonly becomes?: (acme: Acme, who: Member) => Promise<unknown>;
}

/** What somebody did before the organization enforced, what they do while it does, and what comes of it once the account stands as it does. */
type Way = (who: Person) => AsyncGenerator<void, string>;

/** Of `STANDINGS`, in their order. */
type Cells = readonly [string, string, string, string, string, string, string, string, string, string];

const OPEN = 'session';
const CONFINED = 'confined';
const SHUT = 'ended';
const SSO = 'sign-in/single-sign-on';
const LOCKED = 'password/locked';
const MANAGED = 'account/address-managed';
const SHUT_OUT = 'session/required';
const DONE = 'done';
const LINK = 'link';
const NO_LINK = 'no link';
const REFUSED = 'sign-in/provider-refused';
const NO_MEMBER = 'sign-in/not-a-member';
const UNKNOWN = 'connection/unknown';
const UNBEGUN = 'sign-in/not-begun-here';
const SUSPENDED = 'account/suspended';
const DEAD = 'link/unknown';
const ASKS = 'asks single-sign-on';
const NONE = '';
const BY_SSO = 'sso';
const OWN = 'sign-up';
const BOTH = 'sign-up, sso';

describe('every way in, for every account', () => {
  let world: World;
  beforeAll(async () => {
    world = await signingOn();
  });
  afterAll(() => world.stop());

  const STANDINGS = {
    'governed': {},
    'guest': { guest: true },
    'guest with a second factor': { guest: true, secured: true },
    'break-glass owner': { secured: true, breakGlass: true },
    'turned off again': {
      becomes: ({ callerId, connectionId }) => world.of.connections.turnOff({ callerId, connectionId }, context()),
    },
    'domain lapsed': { becomes: lapse },
    'suspended': { becomes: (_acme, who) => suspend(who) },
    'removed from the organization': {
      becomes: ({ callerId, organizationId }, { accountId }) =>
        world.of.organizations.removeMember({ callerId, id: organizationId, accountId }, context()),
    },
    'connection removed': {
      becomes: ({ callerId, connectionId }) =>
        world.of.connections.removeConnection({ callerId, connectionId }, context()).catch(() => 'removed already'),
    },
    'never governed': { never: true },
  } as const satisfies Record<string, Standing>;

  const WAYS = {
    async *'password'(who) {
      yield;
      yield;
      return entered(who, world.signIn(who.email));
    },
    async *'passkey'(who) {
      const signIn = await world.addPasskey(who);
      yield;
      yield;
      return entered(who, signIn());
    },
    async *'second factor of a sign-in begun before'(who) {
      const secret = who.secret ?? (await world.secure(who)).secret;
      const { half } = await world.signIn(who.email);
      yield;
      yield;
      return entered({ ...who, secret }, Promise.resolve({ half }));
    },
    async *'reset: asked'(who) {
      yield;
      yield;
      return (await world.mailed('reset', who)) === undefined ? 'no link' : 'link';
    },
    async *'reset: opened'(who) {
      const token = (await world.mailed('reset', who)) ?? '';
      yield;
      yield;
      return code(world.of.recoveries.openLink({ kind: 'reset', token }, context()));
    },
    async *'reset: completed'(who) {
      const half = await opened('reset', who);
      yield;
      yield;
      return completed(who, half);
    },
    async *'reactivation'(who) {
      yield;
      await bound(who);
      yield;
      const half = await opened('reactivation', who);
      return half.next === 'single-sign-on' ? entered(who, through(who, half)) : completed(who, half);
    },
    async *'sign-up: asked'(who) {
      yield;
      yield;
      return (await asked(stranger(who))) === '' ? 'no link' : 'link';
    },
    async *'sign-up: verified'(who) {
      const token = await asked(stranger(who));
      yield;
      yield;
      return entered(who, registered(world.of.signUps.verifySignUp({ token, ...fresh() }, context())));
    },
    async *'registration by invitation'(who) {
      const invitationToken = await world.invite(who.acme, stranger(who));
      yield;
      yield;
      return entered(who, registered(world.of.signUps.registerInvited({ invitationToken, ...fresh() }, context())));
    },
    async *'address change: asked'(who) {
      yield;
      const { holder, token } = await bound(who);
      yield;
      return code(change(token === '' ? who : { ...who, holder }));
    },
    async *'address change: confirmed'(who) {
      await change(who);
      yield;
      yield;
      return code(confirm(who));
    },
    async *'address change: undone'(who) {
      await change(who);
      await confirm(who);
      const token = (await world.letter('address-undo', who.accountId)) ?? '';
      yield;
      yield;
      return code(world.of.recoveries.undoAddress({ token }, context()));
    },
    async *'sign-in at the provider'(who) {
      yield;
      await bound(who);
      yield;
      return entered(who, through(who));
    },
    async *'binding'(who) {
      yield;
      const by = world.browser();
      await world.through(who.acme.connectionId, there(who), { by }).catch(() => 'refused');
      yield;
      return entered(who, step(world.bind(who.accountId, by)));
    },
    async *'proof at the provider'(who) {
      yield;
      const { holder } = await bound(who);
      yield;
      return code(world.through(who.acme.connectionId, there(who), { purpose: 'prove', holder }));
    },
    async *'session of before'(who) {
      yield;
      yield;
      return atUse(who.token);
    },
    async *'session by the provider'(who) {
      yield;
      const { token } = await bound(who);
      yield;
      return atUse(token);
    },
    async *'list of sessions'(who) {
      yield;
      await bound(who);
      yield;
      const { items } = await world.of.sessions.listSessions({ accountId: who.accountId }, context());
      return [...new Set(items.map(({ methods }) => methods[0] ?? ''))].sort().join(', ');
    },
  } as const satisfies Record<string, Way>;

  /** What comes of each way in, by how the account stands; a cell that is missing does not compile. */
  // prettier-ignore
  const OUTCOMES: Record<keyof typeof WAYS, Cells> = {
    //                                           governed guest     secured  glass    off        lapsed   suspended  removed    no conn.   never
    'password':                                 [SSO,     CONFINED, OPEN,    OPEN,    LOCKED,    SSO,     SSO,       LOCKED,    LOCKED,    OPEN],
    'passkey':                                  [SSO,     CONFINED, OPEN,    OPEN,    OPEN,      SSO,     SSO,       OPEN,      OPEN,      OPEN],
    'second factor of a sign-in begun before':  [SSO,     OPEN,     OPEN,    OPEN,    LOCKED,    SSO,     SSO,       LOCKED,    LOCKED,    OPEN],
    'reset: asked':                             [NO_LINK, LINK,     LINK,    LINK,    LINK,      NO_LINK, NO_LINK,   LINK,      LINK,      LINK],
    'reset: opened':                            [SSO,     DONE,     DONE,    DONE,    DONE,      SSO,     SSO,       DONE,      DONE,      DONE],
    'reset: completed':                         [ASKS,    CONFINED, OPEN,    OPEN,    OPEN,      ASKS,    ASKS,      OPEN,      OPEN,      OPEN],
    'reactivation':                             [NO_LINK, NO_LINK,  NO_LINK, NO_LINK, NO_LINK,   NO_LINK, OPEN,      NO_LINK,   NO_LINK,   NO_LINK],
    'sign-up: asked':                           [NO_LINK, LINK,     LINK,    NO_LINK, LINK,      NO_LINK, NO_LINK,   NO_LINK,   LINK,      LINK],
    'sign-up: verified':                        [SSO,     OPEN,     OPEN,    SSO,     OPEN,      SSO,     SSO,       SSO,       OPEN,      OPEN],
    'registration by invitation':               [SSO,     OPEN,     OPEN,    SSO,     OPEN,      SSO,     SSO,       SSO,       OPEN,      OPEN],
    'address change: asked':                    [MANAGED, DONE,     DONE,    MANAGED, SHUT_OUT,  MANAGED, SHUT_OUT,  SHUT_OUT,  SHUT_OUT,  DONE],
    'address change: confirmed':                [MANAGED, DONE,     DONE,    MANAGED, DONE,      MANAGED, MANAGED,   MANAGED,   DONE,      DONE],
    'address change: undone':                   [MANAGED, DONE,     DONE,    MANAGED, DONE,      MANAGED, MANAGED,   MANAGED,   DONE,      DONE],
    'sign-in at the provider':                  [OPEN,    REFUSED,  REFUSED, OPEN,    UNKNOWN,   OPEN,    SUSPENDED, NO_MEMBER, UNKNOWN,   UNKNOWN],
    'binding':                                  [OPEN,    DEAD,     DEAD,    OPEN,    NO_MEMBER, REFUSED, SUSPENDED, NO_MEMBER, NO_MEMBER, DEAD],
    'proof at the provider':                    [DONE,    REFUSED,  REFUSED, DONE,    UNKNOWN,   DONE,    UNBEGUN,   UNBEGUN,   UNKNOWN,   UNKNOWN],
    'session of before':                        [SHUT,    CONFINED, OPEN,    OPEN,    SHUT,      SHUT,    SHUT,      SHUT,      SHUT,      OPEN],
    'session by the provider':                  [OPEN,    SHUT,     SHUT,    OPEN,    SHUT,      OPEN,    SHUT,      SHUT,      SHUT,      SHUT],
    'list of sessions':                         [BY_SSO,  OWN,      OWN,     BOTH,    NONE,      BY_SSO,  NONE,      NONE,      NONE,      OWN],
  };

  it.each(Object.entries<Standing>(STANDINGS).map(([name, standing], column) => ({ name, standing, column })))(
    'comes to what is promised: $name',
    async ({ standing, column }) => {
      const promised = Object.entries(OUTCOMES).map(([way, cells]) => [way, cells[column]]);
      expect(await outcomes(standing)).toEqual(Object.fromEntries(promised));
    },
  );

  async function outcomes(standing: Standing): Promise<Record<string, string>> {
    const shared = standing.breakGlass ? undefined : await world.acme();
    const tried: { name: string; who: Person; way: AsyncGenerator<void, string> }[] = [];
    for (const [name, way] of Object.entries<Way>(WAYS)) {
      const who = await person(standing, shared ?? (await world.acme()));
      tried.push({ name, who, way: way(who) });
    }
    for (const { way } of tried) await way.next();
    if (!standing.never) for (const acme of new Set(tried.map(({ who }) => who.acme))) await enforce(standing, acme);
    for (const { way } of tried) await way.next();
    for (const { who } of tried) await standing.becomes?.(who.acme, who);
    const found: Record<string, string> = {};
    for (const { name, way } of tried) found[name] = String((await way.next()).value);
    return found;
  }

  async function person({ guest, secured, breakGlass }: Standing, acme: Acme): Promise<Person> {
    const domain = guest ? `${randomUUID()}.example` : acme.domain;
    const who = breakGlass ? acme.owner : await world.join(acme, await world.signUp(`${randomUUID()}@${domain}`));
    const { secret, token } = secured ? await world.secure(who) : { ...who, secret: undefined };
    return { ...who, acme, sub: who.accountId, secret, token };
  }

  async function enforce({ breakGlass }: Standing, acme: Acme) {
    const { callerId, connectionId } = acme;
    const settings = { callerId, connectionId, sessionHours: 8, justInTime: false, guests: 'allowed' };
    if (breakGlass) await world.of.connections.putSettings({ ...settings, breakGlassAccountId: callerId }, context());
    expect((await world.enforce(acme)).enforced).toBe(true);
  }

  /** As organization states it once a proof has been missing for thirty days. */
  async function lapse({ organizationId, domain }: Acme) {
    await world.harness.tell(
      { name: 'DomainLapsed.v1', data: { organizationId, domain } },
      `single-sign-on-${randomUUID()}`,
    );
    await until('SELECT FROM sso_domains WHERE domain = $1 AND lapsed', domain);
  }

  async function suspend({ accountId }: Member) {
    const lastActivity = { signIn: '2999-01-01T00:00:00.000Z', session: null, api: null };
    const warned = { warningMessageId: randomUUID(), noticeServedAt: AT, policyVersion: 1, watermark: null };
    await world.harness.tell(
      { name: 'DormancyReached.v1', data: { accountId, dueAt: AT, reachedAt: AT, lastActivity, ...warned } },
      `account-${accountId}`,
    );
    await until(`SELECT FROM accounts WHERE account_id = $1 AND status = 'suspended'`, accountId);
  }

  async function until(text: string, value: string) {
    while ((await world.harness.database('identity').pool.query(text, [value])).rowCount === 0);
  }

  /** What a step comes to: a session as it is judged at use, or what is asked next; an own second factor is shown where it is asked for. */
  async function entered(who: Person, coming: Promise<Partial<proto.SignInStep> | undefined>): Promise<string> {
    let came: Partial<proto.SignInStep> | undefined;
    const refused = await code(coming.then((step) => (came = step)));
    if (refused !== 'done') return refused;
    const { half, signedIn: begun } = came ?? {};
    if (begun) return atUse(begun.sessionToken);
    if (half?.next !== 'second-factor' || who.secret === undefined) return `asks ${half?.next ?? 'nothing'}`;
    const halfToken = half.halfToken ?? '';
    const shown = { halfToken, proof: { totp: totp(who.secret) }, visit: visit() };
    return entered({ ...who, secret: undefined }, world.of.signIns.proveHalf(shown, context()));
  }

  async function atUse(sessionToken: string): Promise<string> {
    const checks = [{ sessionToken, touch: false }];
    const [verdict] = (await world.of.sessions.checkSessions({ checks }, context())).verdicts;
    return verdict?.outcome === 'good' ? (verdict.confined ? 'confined' : 'session') : (verdict?.outcome ?? '');
  }

  async function through(who: Person, half?: proto.HalfSession): Promise<Partial<proto.SignInStep> | undefined> {
    const halfToken = half?.halfToken ?? undefined;
    return step(world.through(who.acme.connectionId, there(who), halfToken === undefined ? {} : { halfToken }));
  }

  /** As the provider knows them. */
  const there = ({ sub, email }: Person) => ({ sub, email });
  const step = async (finishing: Promise<proto.FinishResponse>) => (await finishing).step ?? undefined;

  /** Bound to who they are at the provider, where it may be, and in by it. */
  async function bound(who: Person): Promise<Member> {
    const by = world.browser();
    const none = { ...who, token: '', holder: { accountId: who.accountId, sessionId: randomUUID() } };
    if ((await code(world.through(who.acme.connectionId, there(who), { by }))) !== 'done') return none;
    const { step: followed } = await world.bind(who.accountId, by);
    if (followed?.signedIn) return world.member(who.email, followed.signedIn);
    const halfToken = followed?.half?.halfToken ?? '';
    const proof = { totp: totp(who.secret ?? '') };
    const { signedIn: begun } = await world.of.signIns.proveHalf({ halfToken, proof, visit: visit() }, context());
    return world.member(who.email, begun);
  }

  async function opened(kind: 'reset' | 'reactivation', who: Person): Promise<proto.HalfSession> {
    const token = (await world.mailed(kind, who)) ?? '';
    const none: proto.HalfSession = { purpose: '', next: 'nothing', accepts: [], endsAt: '' };
    return world.of.recoveries.openLink({ kind, token }, context()).catch(() => none);
  }

  async function completed(who: Person, half: proto.HalfSession): Promise<string> {
    const halfToken = half.halfToken ?? '';
    if (halfToken === '') return 'no link';
    if (half.next === 'second-factor') {
      const proof = { totp: totp(who.secret ?? '') };
      await code(world.of.signIns.proveHalf({ halfToken, proof, visit: visit() }, context()));
    }
    return entered(
      who,
      world.of.recoveries.completeHalf({ halfToken, password: NEW_PASSWORD, visit: visit() }, context()),
    );
  }

  const domainOf = ({ email }: Person) => email.slice(email.indexOf('@') + 1);
  const stranger = (who: Person) => `${randomUUID()}@${domainOf(who)}`;
  const fresh = () => ({ name: 'Ada', password: PASSWORD, visit: visit() });
  const registered = async (made: Promise<proto.SignedIn>) => ({ signedIn: await made });

  async function asked(email: string): Promise<string> {
    await world.of.signUps.requestSignUp({ email, network: randomUUID() }, context());
    return world.signUpLink();
  }

  const change = (who: Person) =>
    world.of.security.requestAddressChange({ holder: who.holder, email: stranger(who) }, context());
  const confirm = async ({ accountId }: Person) =>
    world.of.recoveries.confirmAddress({ token: (await world.letter('address-confirm', accountId)) ?? '' }, context());
});
