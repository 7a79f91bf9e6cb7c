import { randomUUID } from 'node:crypto';
import { ionqRoutes, type Route, routes, shapes } from '#contracts';
import { type Answer, Product, SecurityKey, type SignedUp, tokenIn } from '#testing';
import { z } from 'zod';

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
/** A body that must be refused, and the field that the refusal must name. */
interface Bad {
  readonly why: string;
  readonly body: unknown;
  readonly pointer?: string;
}

const TEXTS: Readonly<Record<string, string>> = {
  'uuid': randomUUID(),
  'email': 'friend@example.com',
  'idn-email': 'friend@example.com',
  'date-time': '2100-01-01T00:00:00Z',
};

/** A value that the schema takes. */
function good({ type, format, enum: values, anyOf, const: only, minimum, minItems = 0, items = {} }: Schema): unknown {
  if (only !== undefined) return only;
  if (values) return values[0];
  if (anyOf) return good(anyOf.find((one) => one.const !== undefined) ?? anyOf[0] ?? {});
  switch (type) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return minimum ?? 1;
    case 'array':
      return Array.from({ length: minItems }, () => good(items));
    default:
      return TEXTS[format ?? ''] ?? 'a text that will do';
  }
}

/** All that can be wrong with the body of a route, read from its schema. */
function badBodies(route: Route): Bad[] {
  const { properties = {}, required = [] } = z.toJSONSchema(route.body ?? z.never(), {
    io: 'input',
    unrepresentable: 'any',
  }) as Schema;
  const whole = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, good(schema)]));
  const { [required[0] ?? '']: _, ...rest } = whole;
  return [
    ...required.map((name): Bad => ({
      why: `no ${name}`,
      body: Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name)),
      pointer: `/${name}`,
    })),
    ...Object.entries(properties).flatMap(([name, { anyOf = [] }]): Bad[] =>
      // Where null is a word of its own it is not wrong.
      [{ a: {} }, ...(anyOf.some(({ type }) => type === 'null') ? [] : [null]), -0.5, [[]]].map((value) => ({
        why: `${name} is ${JSON.stringify(value)}`,
        body: { ...whole, [name]: value },
        pointer: `/${name}`,
      })),
    ),
    ...Object.entries(properties)
      .filter(([, { type, enum: values }]) => type === 'string' && !values)
      .map(([name, { maxLength = 9_999 }]): Bad => ({
        why: `${name} is too long`,
        body: { ...whole, [name]: 'a'.repeat(Math.max(maxLength + 1, 10_000)) },
        pointer: `/${name}`,
      })),
    ...Object.entries(properties)
      .filter(([, { maxItems }]) => maxItems !== undefined)
      .map(([name, { maxItems = 0, items = {} }]): Bad => ({
        why: `${name} has too many`,
        body: { ...whole, [name]: Array.from({ length: maxItems + 1 }, () => good(items)) },
        pointer: `/${name}`,
      })),
    { why: 'a field that nobody knows', body: { ...whole, isAdmin: true }, pointer: '/isAdmin' },
    {
      why: '__proto__',
      body: JSON.stringify(whole).replace(
        /^\{/,
        `{"__proto__":{"isAdmin":true}${Object.keys(whole).length > 0 ? ',' : ''}`,
      ),
      pointer: '/__proto__',
    },
    {
      why: '__proto__ in disguise',
      body: JSON.stringify(whole).replace(
        /^\{/,
        `{"\\u005f_proto__":{"isAdmin":true}${Object.keys(whole).length > 0 ? ',' : ''}`,
      ),
      pointer: '/__proto__',
    },
    ...[[], [whole], null, 'true', '7', '"text"'].map((body): Bad => ({
      why: `the whole is ${JSON.stringify(body).slice(0, 20)}`,
      body: body === null ? 'null' : body,
    })),
    { why: 'broken JSON', body: '{"name":' },
    { why: 'two values', body: '{}{}' },
    { why: 'no JSON', body: 'name=Ada' },
    { why: 'a byte order mark', body: '\uFEFF{}' },
    { why: 'malformed UTF-8', body: new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d]) },
    { why: 'deeply nested', body: `${'['.repeat(7_000)}${']'.repeat(7_000)}` },
    ...(required.length > 0
      ? [
          {
            why: 'a required field by another case',
            body: { ...rest, [(required[0] ?? '').toUpperCase()]: 'x' },
            pointer: `/${required[0] ?? ''}`,
          },
        ]
      : []),
  ];
}

const withBody = (Object.entries(routes) as [string, Route][]).filter(
  ([, { body, access }]) => body !== undefined && access !== 'development',
);
const developing = (Object.entries(routes) as [string, Route][]).filter(
  ([, { body, access }]) => body !== undefined && access === 'development',
);

describe('bad input', () => {
  let product: Product;
  let ada: SignedUp;
  let secret: string;
  let before: unknown;
  const pathOf = ({ path }: Route) => path.replaceAll(/:\w+/g, () => randomUUID());
  const send = ({ method, ...route }: Route, body: unknown, headers: Record<string, string> = {}) =>
    ada.visitor.send(method, pathOf({ method, ...route }), body, headers);

  /** What Ada and the installation have. */
  const snapshot = async () =>
    Promise.all(
      [
        '/v1/account',
        '/v1/sessions',
        '/v1/organizations',
        `/v1/organizations/${ada.organizationId}/projects`,
        `/v1/organizations/${ada.organizationId}/invitations`,
        '/v1/keys?status=all',
        '/v1/jobs',
      ].map(
        async (path) =>
          JSON.parse(JSON.stringify((await ada.visitor.get(path)).body), (name: string, value: unknown) =>
            ['lastSeenAt', 'lastUsedAt', 'stale'].includes(name) ? undefined : value,
          ) as unknown,
      ),
    );

  /** A problem as every client may rely on it. @returns what is wrong with it. */
  const faults = ({ status, headers, body }: Answer, expected: number | undefined, pointer?: string): string[] => [
    ...(status >= 400 && status < 500 && (expected === undefined || status === expected) ? [] : [`status ${status}`]),
    ...(headers.get('content-type')?.startsWith('application/problem+json') ? [] : ['no problem+json']),
    ...(shapes.problem.safeParse(body).success &&
    body.status === status &&
    body.requestId === headers.get('x-request-id')
      ? []
      : [`not a problem: ${JSON.stringify(body).slice(0, 200)}`]),
    ...(pointer === undefined ||
    body.errors?.some(
      (error: { pointer: string }) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`),
    )
      ? []
      : [`does not point at ${pointer}: ${JSON.stringify(body.errors)}`]),
  ];

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    ({
      body: { secret },
    } = await ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId }));
    await waitForSecondFactor();
    before = await snapshot();
  });
  afterAll(() => product.dispose());

  /** Beside Ada's session a sign-in that waits: routes for one are asked, too. */
  const waitForSecondFactor = async () => {
    const { body } = await ada.visitor.post('/v1/account/passkeys/options');
    const ceremony = { challenge: body.challenge, origin: product.origin, rpId: 'localhost', userHandle: '' };
    const response = JSON.parse(new SecurityKey().register(ceremony)) as object;
    await ada.visitor.post('/v1/account/passkeys', { name: 'Phone', response });
    await ada.visitor.send('PUT', '/v1/account/multi-factor', { enabled: true });
    const password = 'a long walk in the rain';
    expect(await ada.visitor.post('/v1/sessions', { email: 'ada@example.com', password })).toMatchObject({
      status: 200,
      body: { next: 'second-factor' },
    });
  };

  it.each([...withBody, ...developing])(
    '%s refuses every body that its schema does not take, and points at what is wrong',
    async (_name, route) => {
      const wrong: string[] = [];
      for (const { why, body, pointer } of badBodies(route))
        wrong.push(...faults(await send(route, body), 400, pointer).map((fault) => `${why}: ${fault}`));
      expect(wrong).toEqual([]);
    },
  );

  it.each([...withBody, ...developing])('%s takes JSON alone, and not too much of it', async (_name, route) => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'nonsense',
    ])
      expect(faults(await send(route, '{}', { 'content-type': type }), 415)).toEqual([]);
    expect(faults(await send(route, JSON.stringify({ name: 'a'.repeat(1_000_001) })), 413)).toEqual([]);
  });

  it('strange addresses and queries are refused, never with 5xx', async () => {
    const wrong: string[] = [];
    const strange = [
      '/v1/nothing',
      '/v1',
      '/v1/keys/..%2f..',
      '/v1/keys/%00',
      '/v1/keys/%ff',
      '/v1/keys/%',
      `/v1/keys/${'a'.repeat(5_000)}`,
      '/v1/keys?limit=0',
      '/v1/keys?limit=1e9',
      '/v1/keys?limit=x',
      '/v1/keys?after=x',
      '/v1/keys?status=none',
      '/v1/keys?what=x',
      '/v1/keys?limit=1&limit=2',
      '/v1/events',
      ...[
        'after=x',
        'after=0',
        'after=r',
        `after=r${'z'.repeat(11)}`,
        'types=',
        'types=LoginRecorded.v1',
        'types=KeyRevoked.v1,',
        'types=KeyRevoked.v1&types=KeyIssued.v1',
        'limit=201',
        'order=random',
        'actorId=x',
        'keyId=%00',
      ].map((query) => `/v1/events?organizationId=${ada.organizationId}&${query}`),
      '/v1/events?organizationId=x',
      '/v1/keys?projectId[$ne]=1',
      '/v1/jobs?projectId=%00',
      '/v1/organizations?__proto__=1',
      '/v1/keys?%ff=1',
    ];
    for (const path of strange)
      wrong.push(...faults(await ada.visitor.get(path), undefined).map((fault) => `${path}: ${fault}`));
    expect(wrong).toEqual([]);
  });

  it('methods that an address does not know are refused', async () => {
    for (const method of ['DELETE', 'PATCH', 'PUT'])
      expect([404, 405]).toContain((await ada.visitor.send(method, '/v1/keys', {})).status);
  });

  it('/v0.4 refuses bodies that are no jobs in the words of its clients', async () => {
    const job = {
      type: 'ionq.circuit.v1',
      backend: 'simulator',
      shots: 100,
      input: { gateset: 'qis', qubits: 2, circuit: [{ gate: 'h', target: 0 }] },
    };
    const bad: unknown[] = [
      {},
      [],
      'null',
      '7',
      '{',
      '{}{}',
      '{"__proto__":{}}',
      new Uint8Array([0x22, 0xff, 0x22]),
      { ...job, type: 7 },
      { ...job, backend: 'qpu.forte-9' },
      { ...job, backend: {} },
      { ...job, shots: 0 },
      { ...job, shots: 1e12 },
      { ...job, shots: 'many' },
      { ...job, input: null },
      { ...job, input: [] },
      { ...job, input: { ...job.input, qubits: -1 } },
      { ...job, input: { ...job.input, qubits: 1_000 } },
      { ...job, input: { ...job.input, circuit: {} } },
      { ...job, input: { ...job.input, circuit: [{ gate: 'h', target: 99 }] } },
      { ...job, input: { ...job.input, circuit: [{ gate: 'teleport', target: 0 }] } },
      { ...job, input: { ...job.input, circuit: [null] } },
      `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      { ...job, name: 7 },
      { ...job, metadata: 7 },
    ];
    const answers = await Promise.all(
      bad.map((body) => product.visitor().post('/v0.4/jobs', body, { authorization: `apiKey ${secret}` })),
    );
    expect(answers.map(({ status }, i) => [JSON.stringify(bad[i]).slice(0, 120), status])).toEqual(
      bad.map((body) => [JSON.stringify(body).slice(0, 120), 400]),
    );
    for (const { body } of answers)
      expect(body).toMatchObject({
        statusCode: 400,
        error: expect.any(String),
        message: expect.any(String),
        code: expect.any(String),
      });
    for (const [method, path] of [
      ['PUT', ionqRoutes.cancelJobs.path],
      ['DELETE', ionqRoutes.deleteJobs.path],
    ] as const) {
      for (const body of [
        {},
        { ids: [] },
        { ids: 'x' },
        { ids: [7] },
        { ids: Array.from({ length: 1_001 }, () => randomUUID()) },
        [],
        'null',
      ])
        expect((await product.visitor().send(method, path, body, { authorization: `apiKey ${secret}` })).status).toBe(
          400,
        );
    }
    expect(
      (
        await product
          .visitor()
          .post('/v0.4/jobs', JSON.stringify({ ...job, name: 'a'.repeat(10_000_001) }), {
            authorization: `apiKey ${secret}`,
          })
      ).status,
    ).toBe(413);
  });

  it('of all this nothing has changed anything', async () => {
    expect(await snapshot()).toEqual(before);
  });

  it('links that are unknown, used, foreign or expired do nothing, and say the same', async () => {
    const { visitor, organizationId } = ada;
    const words = { name: 'Eve', password: 'a long walk in the rain' };
    await product.visitor().post('/v1/sign-ups', { email: 'used@example.com' });
    const used = tokenIn(await product.mail('used@example.com', /./));
    expect((await product.visitor().post('/v1/sign-ups/verify', { token: used, ...words })).status).toBe(201);
    const invite = async (email: string) => ({
      id: (await visitor.post(`/v1/organizations/${organizationId}/invitations`, { email })).body.id as string,
      token: tokenIn(await product.mail(email, /./)),
    });
    const [revoked, resent, expiring] = [
      await invite('revoked@example.com'),
      await invite('resent@example.com'),
      await invite('expired@example.com'),
    ];
    await visitor.post(`/v1/invitations/${revoked.id}/revoke`);
    await visitor.post(`/v1/invitations/${resent.id}/resend`);
    await product.visitor().post('/v1/sign-ups', { email: 'late@example.com' });
    const late = tokenIn(await product.mail('late@example.com', /./));
    const tried = async (path: string, token: string, more: object = words) =>
      [(await product.visitor().post(path, { token, ...more })).body.code, path, token] as const;
    const verify = '/v1/sign-ups/verify';
    const [accept, look] = ['/v1/invitations/accept', '/v1/invitations/look'];
    const early = [
      await tried(verify, 'guessed'),
      await tried(verify, used),
      await tried(verify, expiring.token),
      await tried(accept, 'guessed'),
      await tried(accept, late),
      await tried(accept, revoked.token),
      await tried(accept, resent.token),
      await tried(look, revoked.token, {}),
      await tried(look, late, {}),
    ];
    await product.advance(31 * 86_400);
    const after = [
      ...early,
      await tried(verify, late),
      await tried(accept, expiring.token),
      await tried(look, expiring.token, {}),
    ];
    expect(after.filter(([code]) => code !== 'link/unknown')).toEqual([]);
  });
});
