import { eventually, Product, type SignedUp } from '#testing';

const HOUR = 3_600;

describe('the life of a key, as the gate sees it', () => {
  let product: Product;
  let ada: SignedUp;
  const newKey = async (name: string, more: object = {}) => {
    const {
      body: { key, secret },
    } = await eventually(
      () => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId, ...more }),
      ({ status }) => status === 201,
    );
    return { id: key.id as string, secret: secret as string };
  };
  const authz = (secret: string) => product.visitor().get('/authz', { authorization: `Bearer ${secret}` });
  const statuses = (...secrets: string[]) => Promise.all(secrets.map(async (secret) => (await authz(secret)).status));
  const lastUsedAt = async (id: string) => (await ada.visitor.get(`/v1/keys/${id}`)).body.lastUsedAt as string | null;
  const now = async () => Date.parse((await product.visitor().get('/authz')).headers.get('date') ?? '');

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
  });
  afterAll(() => product.dispose());

  it('its last use is shown 10 seconds later at the latest, whichever face it was shown to; a refusal is no use', async () => {
    const [shown, verified, refused] = [
      await newKey('shown'),
      await newKey('verified'),
      await newKey('refused', { scopes: ['billing:read'] }),
    ];
    expect([await lastUsedAt(shown.id), await lastUsedAt(verified.id)]).toEqual([null, null]);
    const before = await now();
    await Promise.all([
      authz(shown.secret),
      fetch(`${product.internal.origin}/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key: verified.secret }),
      }),
      authz(`${refused.secret}x`),
    ]);
    for (const { id } of [shown, verified]) {
      const { body } = await eventually(
        () => ada.visitor.get(`/v1/keys/${id}`),
        ({ body: { lastUsedAt: at } }) => at !== null,
        10_000,
      );
      expect(Date.parse(body.lastUsedAt as string)).toBeGreaterThanOrEqual(before - 60_000);
      expect(Date.parse(body.lastUsedAt as string)).toBeLessThanOrEqual(Date.now());
    }
    expect(await lastUsedAt(refused.id)).toBeNull();
  });

  it('its last use survives a stop right behind it', async () => {
    const { id, secret } = await newKey('last');
    expect(await statuses(secret)).toEqual([200]);
    expect(await product.end('SIGTERM')).toBe(0);
    await product.begin();
    expect(await lastUsedAt(id)).not.toBeNull();
  });

  it('a key that was reported as leaked is refused when the report has been answered', async () => {
    const { secret } = await newKey('leaked');
    expect(await statuses(secret)).toEqual([200]);
    expect((await product.visitor().post('/v1/key-reports', { secret })).status).toBe(202);
    expect(await statuses(secret)).toEqual([401]);
  });

  it('what was typed at its revocation is shown with the key, and is neither in the record of its organization nor in its list', async () => {
    const { id } = await newKey('stolen');
    await ada.visitor.post(`/v1/keys/${id}/revoke`, { reason: 'Stolen in the train.' });
    expect((await ada.visitor.get(`/v1/keys/${id}`)).body).toMatchObject({
      status: 'revoked',
      revokeNote: 'Stolen in the train.',
    });
    const record = await eventually(
      () => ada.visitor.get(`/v1/events?organizationId=${ada.organizationId}&limit=200`),
      ({ body }) => JSON.stringify(body.items).includes(id) && JSON.stringify(body.items).includes('KeyRevoked'),
    );
    expect(
      (record.body.items as { type: string; data: { keyId?: string } }[]).find(
        ({ type, data }) => type === 'KeyRevoked.v1' && data.keyId === id,
      )?.data,
    ).toMatchObject({ reason: 'requested' });
    const listed = await ada.visitor.get('/v1/keys?status=all&limit=200');
    for (const { body } of [record, listed]) expect(JSON.stringify(body)).not.toContain('train');
    expect((await product.rollcall('streams', 'why', `key-${id}`, 'note')).stdout).toContain('Stolen in the train.');
  });

  it('a rotated key works until its instant and not beyond; its successor has its scopes', async () => {
    const old = await newKey('old', { scopes: ['billing:read', 'jobs:write'] });
    const { body } = await ada.visitor.post(`/v1/keys/${old.id}/rotate`, { overlapSeconds: HOUR });
    expect(await statuses(old.secret, body.secret as string)).toEqual([200, 200]);
    expect((await authz(body.secret as string)).headers.get('rollcall-scopes')).toBe('billing:read jobs:write');
    const {
      body: { secret: third },
    } = await ada.visitor.post(`/v1/keys/${body.key.id as string}/rotate`, { overlapSeconds: 0 });
    expect(await statuses(old.secret, body.secret as string, third as string)).toEqual([200, 401, 200]);
    await product.advance(HOUR);
    expect(await statuses(old.secret, third as string)).toEqual([401, 200]);
  });

  it('a key is refused from the instant that it expires', async () => {
    const { secret } = await newKey('short', { expiresAt: new Date(Date.now() + 3 * HOUR * 1_000).toISOString() });
    expect(await statuses(secret)).toEqual([200]);
    await product.advance(3 * HOUR);
    expect(await statuses(secret)).toEqual([401]);
  });
});
