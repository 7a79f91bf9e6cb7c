import { randomUUID } from 'node:crypto';
import { type ProblemCode, problems, type Route, type RouteName, ionqRoutes, routes } from '#contracts';
import { type Answer, eventually, Product, type SignedUp, tokenIn, type Visitor } from '#testing';

const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};

/** Routes without a check of the caller. Every other route, also a new one, must check it. */
const PUBLIC = [
  'getStart',
  'requestSignUp',
  'verifySignUp',
  'signIn',
  'askPasskey',
  'signInByPasskey',
  'lookInvitation',
  'acceptInvitation',
  'reportKey',
  'requestReset',
  'lookSignIn',
  'startSingleSignOn',
  'finishSingleSignOn',
  'bindSingleSignOn',
  'openReset',
  'requestReactivation',
  'openReactivation',
  'lookAddress',
  'confirmAddress',
  'undoAddress',
  'confirmFactorRecovery',
  'cancelFactorRecovery',
  'completeFactorRecovery',
];
const DEVELOPMENT = ['devMail', 'advanceClock'];
const PUBLIC_IONQ = ['backends', 'backend'];

/** What Ada's organization holds. Bob is its member and in `project`, not in `other`. */
interface World {
  readonly organization: string;
  readonly project: string;
  readonly other: string;
  readonly archived: string;
  readonly ada: string;
  readonly bob: string;
  readonly key: string;
  readonly revokedKey: string;
  readonly invitation: string;
  readonly revokedInvitation: string;
  readonly session: string;
  readonly endedSession: string;
  readonly job: string;
  readonly connection: string;
  readonly domain: string;
}
type Thing = keyof World;
type Outcome = ProblemCode | number;

/** The owner of what a route is about, and its answer to other callers. */
interface Guarded {
  readonly thing: Thing;
  /** For strangers and for ids that name nothing, in the same words. */
  readonly unknown: ProblemCode;
  /** For Bob; left out where members may. */
  readonly member?: ProblemCode;
  /** Another thing of the same kind, and what its owner is told. */
  readonly closed?: readonly [Thing, Outcome];
  readonly body?: (id: string, world: World) => object;
  readonly query?: (id: string) => string;
  readonly accountId?: Thing;
}
type Rule = 'public' | 'development' | 'own' | 'half' | Guarded;

const organization = { thing: 'organization', unknown: 'organization/unknown' } as const;
const owners = { ...organization, member: 'organization/owner-required' } as const;
const project = { thing: 'project', unknown: 'project/unknown', member: 'organization/owner-required' } as const;
const invitation = { thing: 'invitation', unknown: 'invitation/unknown' } as const;
const key = { thing: 'key', unknown: 'key/unknown', member: 'key/unknown' } as const;
const connection = {
  thing: 'connection',
  unknown: 'connection/unknown',
  member: 'organization/owner-required',
} as const;
const domain = { thing: 'domain', unknown: 'domain/unknown', member: 'organization/owner-required' } as const;
const named = () => ({ name: 'Named' });

/** One rule for each route: a route without one does not compile. */
const RULES: Record<RouteName, Rule> = {
  getStart: 'public',
  requestSignUp: 'public',
  verifySignUp: 'public',
  signIn: 'public',
  askPasskey: 'public',
  signInByPasskey: 'public',
  lookSignIn: 'public',
  startSingleSignOn: 'public',
  finishSingleSignOn: 'public',
  bindSingleSignOn: 'public',
  lookInvitation: 'public',
  acceptInvitation: 'public',
  reportKey: 'public',
  devMail: 'development',
  advanceClock: 'development',
  listSessions: 'own',
  currentSession: 'own',
  touchSession: 'own',
  endOtherSessions: 'own',
  getAccount: 'own',
  changeName: 'own',
  setIdleTimeout: 'own',
  getInactivity: 'own',
  getHalf: 'half',
  proveByCode: 'half',
  proveByRecoveryCode: 'half',
  proveByPassword: 'half',
  askHalfPasskey: 'half',
  proveByPasskey: 'half',
  endHalf: 'half',
  requestReset: 'public',
  openReset: 'public',
  completeReset: 'half',
  requestReactivation: 'public',
  openReactivation: 'public',
  completeReactivation: 'half',
  requestAddress: 'own',
  cancelAddress: 'own',
  lookAddress: 'public',
  confirmAddress: 'public',
  undoAddress: 'public',
  askFactorRecovery: 'half',
  confirmFactorRecovery: 'public',
  cancelFactorRecovery: 'public',
  completeFactorRecovery: 'public',
  askProofPasskey: 'own',
  proveSession: 'own',
  getSecurity: 'own',
  changePassword: 'own',
  setMultiFactor: 'own',
  beginAuthenticator: 'own',
  beginPasskey: 'own',
  addPasskey: 'own',
  confirmAuthenticator: {
    thing: 'other',
    unknown: 'factor/unknown',
    member: 'factor/unknown',
    body: () => ({ code: '000000' }),
  },
  renameFactor: { thing: 'other', unknown: 'factor/unknown', member: 'factor/unknown', body: named },
  removeFactor: { thing: 'other', unknown: 'factor/unknown', member: 'factor/unknown' },
  issueRecoveryCodes: 'own',
  listOrganizations: 'own',
  createOrganization: 'own',
  endSession: {
    thing: 'session',
    unknown: 'session/unknown',
    member: 'session/unknown',
    closed: ['endedSession', 200],
  },
  getOrganization: organization,
  listMembers: organization,
  listProjects: organization,
  renameOrganization: { ...owners, body: named },
  demandSecondFactor: { ...owners, body: () => ({ required: false }) },
  demandIdleTimeout: { ...owners, body: () => ({ required: false }) },
  listConnections: owners,
  draftConnection: { ...owners, body: named },
  listDomains: owners,
  claimDomain: { ...owners, body: () => ({ domain: 'acme.example' }) },
  getGovernance: organization,
  getConnection: connection,
  listAttempts: connection,
  unbindAccount: { ...connection, body: (_id, { ada }) => ({ accountId: ada }) },
  previewConnection: connection,
  putOidc: {
    ...connection,
    body: () => ({ issuer: 'https://login.acme.example', clientId: 'rollcall', clientSecret: 'secret' }),
  },
  putSaml: {
    ...connection,
    body: () => ({
      entityId: 'https://login.acme.example',
      signInUrl: 'https://login.acme.example/saml',
      certificates: ['none'],
    }),
  },
  putConnectionSettings: {
    ...connection,
    body: () => ({ sessionHours: 24, justInTime: false, guests: 'allowed', breakGlassAccountId: null }),
  },
  enforceConnection: connection,
  turnConnectionOff: connection,
  removeConnection: connection,
  listScimTokens: connection,
  makeScimToken: connection,
  revokeScimToken: connection,
  verifyDomain: domain,
  releaseDomain: domain,
  changeRole: { ...owners, accountId: 'ada', body: () => ({ role: 'member' }) },
  removeMember: { ...owners, accountId: 'ada' },
  leaveOrganization: { ...organization, closed: ['organization', 'organization/last-owner'] },
  listInvitations: owners,
  inviteMember: { ...owners, body: () => ({ email: 'friend@example.com' }) },
  resendInvitation: {
    ...invitation,
    member: 'organization/owner-required',
    closed: ['revokedInvitation', 'invitation/closed'],
  },
  revokeInvitation: { ...invitation, member: 'organization/owner-required', closed: ['revokedInvitation', 200] },
  listOwnInvitations: 'own',
  acceptOwnInvitation: {
    ...invitation,
    member: 'invitation/unknown',
    closed: ['revokedInvitation', 'invitation/unknown'],
  },
  createProject: { ...owners, body: named },
  getProject: { thing: 'other', unknown: 'project/unknown', member: 'project/unknown', closed: ['archived', 200] },
  renameProject: { ...project, closed: ['archived', 'project/archived'], body: named },
  archiveProject: { ...project, closed: ['archived', 200] },
  listProjectMembers: {
    thing: 'other',
    unknown: 'project/unknown',
    member: 'project/unknown',
    closed: ['archived', 200],
  },
  addProjectMember: {
    ...project,
    closed: ['archived', 'project/archived'],
    body: (_id, people) => ({ accountId: people.bob }),
  },
  removeProjectMember: { ...project, body: (_id, { ada }) => ({ accountId: ada }) },
  issueKey: {
    thing: 'other',
    unknown: 'project/unknown',
    member: 'project/unknown',
    closed: ['archived', 'project/archived'],
    body: (id) => ({ name: 'Key', projectId: id }),
  },
  listKeys: { thing: 'other', unknown: 'project/unknown', member: 'project/unknown', query: (id) => `projectId=${id}` },
  getKey: { ...key, closed: ['revokedKey', 200] },
  listKeyUses: { ...key, closed: ['revokedKey', 200] },
  renameKey: { ...key, closed: ['revokedKey', 'key/no-longer-active'], body: named },
  revokeKey: { ...key, closed: ['revokedKey', 200] },
  rotateKey: { ...key, closed: ['revokedKey', 'key/no-longer-active'], body: () => ({ overlapSeconds: 0 }) },
  listJobs: { thing: 'other', unknown: 'project/unknown', member: 'project/unknown', query: (id) => `projectId=${id}` },
  listEvents: { ...owners, query: (id) => `organizationId=${id}` },
  listJobDays: {
    thing: 'other',
    unknown: 'project/unknown',
    member: 'project/unknown',
    query: (id) => `projectId=${id}`,
  },
  getJob: { thing: 'job', unknown: 'job/unknown', member: 'job/unknown', closed: ['job', 200] },
  cancelJob: { thing: 'job', unknown: 'job/unknown', member: 'job/unknown', closed: ['job', 'job/not-cancelable'] },
};

/** The one route that takes a session or a key. */
const KEYED = 'listEvents';

const all = Object.entries(RULES) as [RouteName, Rule][];
const guarded = all.filter((entry): entry is [RouteName, Guarded] => typeof entry[1] === 'object');
const namesOf = (table: Readonly<Record<string, Route>>, access: string) =>
  Object.entries(table)
    .filter(([, route]) => route.access === access)
    .map(([name]) => name)
    .sort();

describe('tenancy', () => {
  let product: Product;
  let ada: SignedUp;
  let bob: Visitor;
  let eve: SignedUp;
  let world: World;
  let secrets: { ada: string; eve: string };
  let before: unknown;
  const withKey = (secret: string) => ({ authorization: `apiKey ${secret}` });
  const made = async (answer: Promise<Answer>) => {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`the world could not be made: ${status} ${JSON.stringify(body)}`);
    return body;
  };

  /** Asks a route about a thing. */
  const ask = (
    visitor: Visitor,
    name: RouteName,
    id: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const route: Route = routes[name];
    const rule = RULES[name];
    const { body, query, accountId } = typeof rule === 'object' ? rule : ({} as Partial<Guarded>);
    const path = route.path
      .replace(':id', id)
      .replace(':accountId', accountId ? world[accountId] : randomUUID())
      .replace(':tokenId', randomUUID());
    return visitor.send(
      route.method,
      query ? `${path}?${query(id)}` : path,
      route.method === 'GET' ? undefined : (body?.(id, world) ?? {}),
      headers,
    );
  };
  const refusal = ({ status, body }: Answer) => ({ status, code: body.code });
  const refused = (code: ProblemCode) => ({ status: problems[code].status, code });
  const told = ({ body }: Answer) => ({ ...body, requestId: '' });

  /** Everything that Ada can see of what is hers. */
  const snapshot = async () => {
    const at = `/v1/organizations/${world.organization}`;
    const paths = [
      '/v1/account',
      '/v1/sessions',
      '/v1/organizations',
      at,
      `${at}/members`,
      `${at}/invitations`,
      `${at}/projects`,
      `${at}/connections`,
      `${at}/domains`,
      `/v1/projects/${world.project}/members`,
      `/v1/projects/${world.other}/members`,
      `/v1/keys?organizationId=${world.organization}&status=all`,
      '/v1/jobs',
    ];
    const bodies = await Promise.all(paths.map(async (path) => [path, (await ada.visitor.get(path)).body] as const));
    return JSON.parse(
      JSON.stringify(Object.fromEntries(bodies), (name: string, value: unknown) =>
        ['lastSeenAt', 'lastUsedAt', 'usedDays', 'stale'].includes(name) ? undefined : value,
      ),
    ) as unknown;
  };

  beforeAll(async () => {
    product = await Product.start();
    [ada, eve] = await Promise.all([product.signUp('ada@example.com'), product.signUp('eve@example.com', 'Eve')]);
    const { visitor, organizationId, projectId } = ada;
    const at = `/v1/organizations/${organizationId}`;
    await made(visitor.post(`${at}/invitations`, { email: 'bob@example.com', projectIds: [projectId] }));
    bob = product.visitor();
    const joined = await made(
      bob.post('/v1/invitations/accept', {
        token: tokenIn(await product.mail('bob@example.com', /./)),
        name: 'Bob',
        password: 'a quiet river at night',
      }),
    );
    const [other, archived] = [
      await made(visitor.post(`${at}/projects`, { name: 'Other' })),
      await made(visitor.post(`${at}/projects`, { name: 'Archived' })),
    ];
    const [waiting, closed] = [
      await made(visitor.post(`${at}/invitations`, { email: 'cleo@example.com' })),
      await made(visitor.post(`${at}/invitations`, { email: 'dora@example.com' })),
    ];
    await made(visitor.post(`/v1/invitations/${closed.id as string}/revoke`));
    await made(visitor.post(`/v1/projects/${archived.id as string}/archive`));
    const issue = (name: string) => made(visitor.post('/v1/keys', { name, projectId: other.id }));
    const [works, gone] = [await issue('works'), await issue('revoked')];
    await made(visitor.post(`/v1/keys/${gone.key.id as string}/revoke`));
    secrets = {
      ada: works.secret,
      eve: (await made(eve.visitor.post('/v1/keys', { name: 'Eve', projectId: eve.projectId }))).secret,
    };
    const job = await made(product.visitor().post('/v0.4/jobs', BELL, withKey(secrets.ada)));
    await eventually(
      () => visitor.get('/v1/jobs'),
      ({ body }) => body.items[0]?.status === 'completed',
    );
    const again = product.visitor();
    const begun = [
      await made(again.post('/v1/sessions', { email: 'ada@example.com', password: 'a long walk in the rain' })),
      await made(again.post('/v1/sessions', { email: 'ada@example.com', password: 'a long walk in the rain' })),
    ];
    await made(visitor.post(`/v1/sessions/${begun[1].session.id as string}/end`));
    const [connected, claimed] = [
      await made(visitor.post(`${at}/connections`, { name: 'Acme login' })),
      await made(visitor.post(`${at}/domains`, { domain: 'acme.example' })),
    ];
    world = {
      organization: organizationId,
      project: projectId,
      other: other.id,
      archived: archived.id,
      ada: ada.accountId,
      bob: joined.account.id,
      key: works.key.id,
      revokedKey: gone.key.id,
      invitation: waiting.id,
      revokedInvitation: closed.id,
      session: begun[0].session.id,
      endedSession: begun[1].session.id,
      job: job.id,
      connection: connected.id,
      domain: claimed.id,
    };
    before = await snapshot();
  });
  afterAll(() => product.dispose());

  it('has a rule for every route, and public are those alone that are listed here', () => {
    expect(Object.keys(RULES).sort()).toEqual(Object.keys(routes).sort());
    expect(namesOf(routes, 'public')).toEqual([...PUBLIC].sort());
    expect(namesOf(routes, 'development')).toEqual([...DEVELOPMENT].sort());
    expect(namesOf(ionqRoutes, 'public')).toEqual([...PUBLIC_IONQ].sort());
    expect(
      all
        .filter(([, rule]) => rule === 'public')
        .map(([name]) => name)
        .sort(),
    ).toEqual(namesOf(routes, 'public'));
  });

  it.each(all.filter(([, rule]) => rule === 'half'))(
    '%s asks for a sign-in that waits, and takes no session for one',
    async (name) => {
      const invented = { cookie: `rollcall-half-${product.port}=${'A'.repeat(43)}` };
      for (const answer of [
        await ask(product.visitor(), name, randomUUID()),
        await ask(product.visitor(), name, randomUUID(), invented),
        await ask(ada.visitor, name, randomUUID()),
      ])
        expect(refusal(answer)).toEqual(refused('sign-in/half-required'));
    },
  );

  it.each(all.filter(([, rule]) => rule !== 'public' && rule !== 'development' && rule !== 'half'))(
    '%s asks for a session first',
    async (name, rule) => {
      const id = typeof rule === 'object' ? world[rule.thing] : randomUUID();
      expect(refusal(await ask(product.visitor(), name, id))).toEqual(refused('session/required'));
      expect(
        refusal(await ask(product.visitor(), name, id, { cookie: `rollcall-${product.port}=${'A'.repeat(43)}` })),
      ).toEqual(refused('session/required'));
    },
  );

  it.each(all.filter(([name, rule]) => rule !== 'development' && name !== KEYED))(
    '%s takes no API key',
    async (name) => {
      expect(refusal(await ask(product.visitor(), name, randomUUID(), withKey(secrets.ada)))).toEqual(
        refused('authorization/not-accepted'),
      );
    },
  );

  it('the record tells what happened in its order, part by part, and can be asked again for what came since', async () => {
    const at = (query: string) => made(ada.visitor.get(`/v1/events?organizationId=${world.organization}&${query}`));
    const types: string[] = [];
    let next = '';
    for (let more = true; more;) {
      const part = await at(next === '' ? 'limit=3' : `limit=3&after=${next}`);
      types.push(...part.items.map(({ type }: { type: string }) => type));
      more = part.items.length > 0;
      next = part.next;
    }
    expect(types.slice(0, 2)).toEqual(['OrganizationCreated.v1', 'ProjectCreated.v1']);
    for (const type of ['InvitationSent.v1', 'MemberJoined.v1', 'ProjectArchived.v1', 'KeyIssued.v1', 'KeyRevoked.v1'])
      expect(types).toContain(type);
    const revoked = await at('types=KeyRevoked.v1,KeyLeakReported.v1');
    expect(revoked).toMatchObject({
      items: [
        {
          type: 'KeyRevoked.v1',
          organizationId: world.organization,
          data: { keyId: world.revokedKey, reason: 'requested' },
        },
      ],
      next,
    });
    expect(await at(`after=${next}`)).toEqual({ items: [], next });
  });

  it('a key opens the record of its own organization alone, with the scope for it, while its maker is an owner', async () => {
    const scoped = async (visitor: Visitor, projectId: string) =>
      withKey(
        (await made(visitor.post('/v1/keys', { name: 'Reads events', projectId, scopes: ['events:read'] }))).secret,
      );
    const [adas, bobs, eves] = [
      await scoped(ada.visitor, world.project),
      await scoped(bob, world.project),
      await scoped(eve.visitor, eve.projectId),
    ];
    const at = (organizationId: string, headers: Record<string, string>) =>
      product.visitor().get(`/v1/events?organizationId=${organizationId}`, headers);
    expect(refusal(await at(world.organization, withKey(secrets.ada)))).toEqual(refused('key/scope-required'));
    expect(refusal(await at(world.organization, bobs))).toEqual(refused('organization/owner-required'));
    expect(refusal(await at(world.organization, eves))).toEqual(refused('organization/unknown'));
    expect(refusal(await at(eve.organizationId, adas))).toEqual(refused('organization/unknown'));
    expect(refusal(await product.visitor().get('/v1/events', { authorization: 'apiKey rck_guessed' }))).toEqual(
      refused('key/malformed'),
    );
    expect(
      refusal(await product.visitor().get('/v1/events', { ...adas, authorization: `apiKey ${'x'.repeat(40)}` })),
    ).toEqual(refused('key/malformed'));
    const { status, body } = await product.visitor().get('/v1/events', adas);
    expect([status, new Set(body.items.map((item: { organizationId: string }) => item.organizationId))]).toEqual([
      200,
      new Set([world.organization]),
    ]);
    for (const keyId of [(await ada.visitor.get('/v1/keys')).body.items, (await bob.get('/v1/keys')).body.items]
      .flat()
      .filter(({ name }: { name: string }) => name === 'Reads events'))
      await made((keyId.accountId === world.bob ? bob : ada.visitor).post(`/v1/keys/${keyId.id as string}/revoke`));
    before = await snapshot();
  });

  it.each(guarded)(
    '%s tells a stranger what it tells of an id that names nothing',
    async (name, { thing, unknown }) => {
      const [strange, nothing, mine] = [
        await ask(eve.visitor, name, world[thing]),
        await ask(eve.visitor, name, randomUUID()),
        await ask(ada.visitor, name, randomUUID()),
      ];
      expect(refusal(strange)).toEqual(refused(unknown));
      expect(told(strange)).toEqual(told(nothing));
      expect(refusal(mine)).toEqual(refused(unknown));
    },
  );

  it.each(guarded.filter(([, { member }]) => member !== undefined))(
    '%s is not for members',
    async (name, { thing, member = 'internal' }) => {
      expect(refusal(await ask(bob, name, world[thing]))).toEqual(refused(member));
    },
  );

  it.each(guarded.filter(([name, { member }]) => member === undefined && name !== 'leaveOrganization'))(
    '%s is for members too',
    async (name, { thing }) => {
      expect((await ask(bob, name, world[thing])).status).toBe(200);
    },
  );

  it.each(guarded.filter(([, { closed }]) => closed !== undefined))(
    '%s knows what is over',
    async (name, { closed: [thing, outcome] = ['organization', 0] }) => {
      const answer = await ask(ada.visitor, name, world[thing]);
      if (typeof outcome === 'number') expect(answer.status).toBe(outcome);
      else expect(refusal(answer)).toEqual(refused(outcome));
    },
  );

  it.each(guarded.filter(([, { thing }]) => thing !== 'session' && thing !== 'job'))(
    '%s finds nothing by an id that cannot be one',
    async (name, { query, body, unknown }) => {
      expect([problems[unknown].status, 400]).toContain(
        (await ask(ada.visitor, name, query || body ? 'x' : '%00')).status,
      );
    },
  );

  const keyed = (Object.entries(ionqRoutes) as [keyof typeof ionqRoutes, Route][]).filter(
    ([, { access }]) => access === 'key',
  );
  const askIonq = ([name, { method, path }]: (typeof keyed)[number], headers: Record<string, string>, id = world.job) =>
    product
      .visitor()
      .send(
        method,
        path.replace(':id', id),
        method === 'GET' ? undefined : name === 'submitJob' ? BELL : { ids: [id] },
        headers,
      );

  it.each(keyed)('/v0.4 %s needs a key', async (...entry) => {
    const answers = [
      await askIonq(entry, {}),
      await askIonq(entry, withKey('rck_guessed')),
      await askIonq(entry, { authorization: 'Bearer x' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it.each(
    keyed.filter(
      ([, { params, path, method }]) =>
        path.includes('/jobs') && (params !== undefined || ['PUT', 'DELETE'].includes(method)),
    ),
  )('/v0.4 %s finds no job of another project', async (...entry) => {
    const [foreign, nothing] = [
      await askIonq(entry, withKey(secrets.eve)),
      await askIonq(entry, withKey(secrets.eve), randomUUID()),
    ];
    expect(refusal(foreign)).toEqual(refused('job/unknown'));
    expect(told(foreign)).toEqual(told(nothing));
  });

  it('/v0.4 lists no job of another project, not even by its id', async () => {
    expect((await product.visitor().get('/v0.4/jobs', withKey(secrets.eve))).body.jobs).toEqual([]);
    expect((await product.visitor().get(`/v0.4/jobs?ids=${world.job}`, withKey(secrets.eve))).body.jobs).toEqual([]);
  });

  it('of all this nothing has changed anything', async () => {
    expect(await snapshot()).toEqual(before);
  });
});
