import { type Answer, eventually, Product, type SignedUp, tokenIn, type Visitor } from '#testing';

const COIN = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: { gateset: 'qis', qubits: 1, circuit: [{ gate: 'h', target: 0 }] },
};

describe('what owners see of their organization', () => {
  let product: Product;
  let ada: SignedUp;
  let bob: Visitor;
  let bobId: string;
  let keyId: string;
  let at: string;
  const made = async (answer: Promise<Answer>) => {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`the world could not be made: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  const items = async (visitor: Visitor, what: string) =>
    (await made(visitor.get(`${at}/${what}`))).items as Record<string, unknown>[];

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    at = `/v1/organizations/${ada.organizationId}`;
    await made(ada.visitor.post(`${at}/invitations`, { email: 'bob@example.com', projectIds: [ada.projectId] }));
    const token = tokenIn(await product.mail('bob@example.com', /./));
    bob = product.visitor();
    expect(await made(bob.post('/v1/invitations/look', { token }))).toMatchObject({
      expiresAt: expect.stringMatching(/Z$/) as string,
      projects: ['First project'],
      next: 'create',
    });
    const joined = await made(
      bob.post('/v1/invitations/accept', { token, name: 'Bob', password: 'a quiet river at night' }),
    );
    bobId = joined.account.id as string;
    const issued = await made(bob.post('/v1/keys', { name: 'laptop', projectId: ada.projectId }));
    keyId = issued.key.id as string;
    await made(product.visitor().post('/v0.4/jobs', COIN, { authorization: `apiKey ${issued.secret as string}` }));
  });
  afterAll(() => product.dispose());

  it('is of each member where they are, what they hold and until when they stay; others see no more than before', async () => {
    const bobIn = ({ body }: Pick<Answer, 'body'>) =>
      (body.items as Record<string, unknown>[]).find(({ accountId }) => accountId === bobId);
    expect(
      bobIn(
        await eventually(
          () => ada.visitor.get(`${at}/members`),
          (answer) => typeof bobIn(answer)?.dueAt === 'string' && typeof bobIn(answer)?.lastSeenAt === 'string',
        ),
      ),
    ).toMatchObject({
      name: 'Bob',
      accountStatus: 'active',
      secondFactor: false,
      projects: [{ id: ada.projectId, name: 'First project' }],
      projectCount: 1,
      activeKeys: 1,
    });
    expect(bobIn(await bob.get(`${at}/members`))).not.toHaveProperty('accountStatus');
  });

  it('is of each project who is in it and what it does, listed and alone', async () => {
    const lab = await made(bob.get(`/v1/projects/${ada.projectId}`));
    expect(lab).toMatchObject({ name: 'First project', member: true, counts: { people: 2, activeKeys: 1, jobs: 1 } });
    expect(await items(ada.visitor, 'projects')).toEqual([lab]);
    expect((await made(ada.visitor.get(`/v1/projects/${ada.projectId}/members`))).items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'Ada', role: 'owner' }),
        expect.objectContaining({ name: 'Bob', role: 'member' }),
      ]),
    );
  });

  it('is of each invitation who stands for it and whether its mail has arrived', async () => {
    await made(ada.visitor.post(`${at}/invitations`, { email: 'cleo@example.com', projectIds: [ada.projectId] }));
    const cleoIn = ({ body }: Pick<Answer, 'body'>) =>
      (body.items as Record<string, unknown>[]).find(({ email }) => email === 'cleo@example.com');
    const found = await eventually(
      () => ada.visitor.get(`${at}/invitations`),
      (answer) => cleoIn(answer)?.mail === 'accepted',
    );
    expect(cleoIn(found)).toMatchObject({
      status: 'pending',
      inviter: { accountId: ada.accountId, name: 'Ada' },
      projects: [{ id: ada.projectId, name: 'First project' }],
    });
  });

  it('is what happened, newest first, by person and by key, with names instead of ids', async () => {
    await made(ada.visitor.post(`/v1/keys/${keyId}/revoke`));
    const events = async (query: string) =>
      made(ada.visitor.get(`/v1/events?organizationId=${ada.organizationId}&order=newest&${query}`));
    const ofKey = await eventually(
      () => ada.visitor.get(`/v1/events?organizationId=${ada.organizationId}&order=newest&keyId=${keyId}`),
      ({ body }) => body.items[0]?.type === 'KeyRevoked.v1',
    );
    expect(ofKey.body).toMatchObject({
      items: [
        {
          type: 'KeyRevoked.v1',
          actor: { kind: 'account', accountId: ada.accountId, name: 'Ada' },
          names: { keyId: 'laptop', accountId: 'Bob', projectId: 'First project' },
        },
        { type: 'KeyIssued.v1', actor: { accountId: bobId, name: 'Bob' } },
      ],
      next: null,
    });
    const all: string[] = [];
    for (let after = ''; ;) {
      const part = await events(`limit=2${after}`);
      all.push(...part.items.map(({ id }: { id: string }) => id));
      if (part.next === null) break;
      after = `&after=${part.next as string}`;
    }
    const oldest = await made(ada.visitor.get(`/v1/events?organizationId=${ada.organizationId}&limit=200`));
    expect(all).toEqual(oldest.items.map(({ id }: { id: string }) => id).reverse());
    expect(
      (await events(`actorId=${bobId}`)).items.every(
        ({ actor }: { actor: { accountId: string } }) => actor.accountId === bobId,
      ),
    ).toBe(true);
    await made(ada.visitor.post(`${at}/members/${bobId}/remove`));
    expect((await events(`keyId=${keyId}`)).items).toMatchObject([
      { names: { accountId: null } },
      { actor: { accountId: bobId, name: null } },
    ]);
  });
});
