import { type Answer, type Ceremony, Product, SecurityKey, type SignedUp, type Visitor } from '#testing';

const hex = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

describe('passkeys, over HTTP', () => {
  let product: Product;
  let ada: SignedUp;
  const key = new SecurityKey('ES256', true);

  const ceremony = ({ body }: Answer): Ceremony => ({
    challenge: body.challenge,
    origin: product.origin,
    rpId: 'localhost',
    userHandle: hex(ada.accountId),
  });
  /** What a browser does: asks for options, and shows them to the key. */
  const answer = async (visitor: Visitor, path: string) =>
    JSON.parse(key.assert(ceremony(await visitor.post(path)))) as object;

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
  });
  afterAll(() => product.dispose());

  it('are added, and shown', async () => {
    const options = await ada.visitor.post('/v1/account/passkeys/options');
    expect(options).toMatchObject({ status: 200, body: { rp: { id: 'localhost' }, attestation: 'none' } });
    const added = await ada.visitor.post('/v1/account/passkeys', {
      name: 'Phone',
      response: JSON.parse(key.register(ceremony(options))) as object,
    });
    expect(added).toMatchObject({ status: 201, body: { kind: 'passkey', name: 'Phone', lastUsedAt: null } });
    expect((await ada.visitor.get('/v1/account/security')).body).toMatchObject({
      passkeys: true,
      factors: [{ id: added.body.id }],
      multiFactor: { enabled: false },
    });
  });

  it('sign in by themselves, once an answer, and prove the session anew', async () => {
    const visitor = product.visitor();
    const response = await answer(visitor, '/v1/sessions/passkey/options');
    expect(await visitor.post('/v1/sessions/passkey', { response })).toMatchObject({
      status: 201,
      body: { account: { id: ada.accountId } },
    });
    expect((await visitor.get('/v1/account')).status).toBe(200);
    expect(await product.visitor().post('/v1/sessions/passkey', { response })).toMatchObject({
      status: 401,
      body: { code: 'factor/refused' },
    });
    const passkey = await answer(visitor, '/v1/sessions/current/prove/options');
    expect(await visitor.post('/v1/sessions/current/prove', { passkey })).toMatchObject({ status: 200 });
  });

  it('stand beside a password', async () => {
    expect((await ada.visitor.send('PUT', '/v1/account/multi-factor', { enabled: true })).status).toBe(200);
    const visitor = product.visitor();
    const begun = await visitor.post('/v1/sessions', { email: 'ada@example.com', password: 'a long walk in the rain' });
    expect(begun).toMatchObject({
      status: 200,
      body: { next: 'second-factor', accepts: ['passkey', 'recovery-code'] },
    });
    const response = await answer(visitor, '/v1/sessions/half/passkey/options');
    expect((await visitor.post('/v1/sessions/half/passkey', { response })).status).toBe(201);
  });

  it('that nobody has are told apart, and what is no answer is a field that does not fit', async () => {
    const stranger = new SecurityKey();
    const visitor = product.visitor();
    const asked = ceremony(await visitor.post('/v1/sessions/passkey/options'));
    const response = JSON.parse(stranger.assert(asked)) as object;
    expect((await visitor.post('/v1/sessions/passkey', { response })).body).toMatchObject({
      code: 'factor/refused',
      unknownCredential: true,
    });
    for (const wrong of [undefined, 'text', [], {}, { id: 7, response: {} }])
      expect((await visitor.post('/v1/sessions/passkey', { response: wrong })).body.code).toBe('request/invalid');
    const nonsense = { id: 'x', response: { clientDataJSON: { a: [] }, userHandle: 7 } };
    expect((await visitor.post('/v1/sessions/passkey', { response: nonsense })).body).toMatchObject({
      code: 'factor/refused',
    });
  });
});
