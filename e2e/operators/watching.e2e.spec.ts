import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { SERVICES } from '#contracts';
import { freePort } from '#local-servers';
import { eventually, Product, type SignedUp, tokenIn } from '#testing';
import pg from 'pg';
import type { Secrets } from '../../apps/rollcall/src/secrets.ts';

interface Span {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly links?: readonly { traceId: string; spanId: string }[];
}
const KIND = { server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** Takes traces by OTLP/HTTP as a collector would. */
class Collector {
  readonly bodies: string[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer((incoming, response) => {
      let body = '';
      incoming
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          body += chunk;
        })
        .on('end', () => {
          collector.bodies.push(body);
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        });
    });
    const collector = new Collector(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return collector;
  }

  get endpoint(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  get spans(): Span[] {
    return this.bodies
      .flatMap(
        (body) =>
          (
            JSON.parse(body) as {
              resourceSpans: {
                resource: { attributes: { key: string; value: { stringValue: string } }[] };
                scopeSpans: { spans: Span[] }[];
              }[];
            }
          ).resourceSpans,
      )
      .flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) =>
          spans.map((span) => ({
            ...span,
            service: resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '',
          })),
        ),
      );
  }

  async until(holds: (spans: Span[]) => boolean): Promise<Span[]> {
    for (
      const deadline = Date.now() + 15_000;
      !holds(this.spans);
      await new Promise((later) => setTimeout(later, 100))
    ) {
      if (Date.now() > deadline)
        throw new Error(
          `the spans did not come: ${this.spans.map(({ service, name, traceId }) => `${service} ${name} ${traceId}`).join('\n')}`,
        );
    }
    return this.spans;
  }

  stop(): Promise<unknown> {
    return new Promise((closed) => {
      this.server.close(closed);
      this.server.closeAllConnections();
    });
  }
}

/** One request, from the caller's span to the log; and what goes over the bus, linked to it. */
async function seesOneTrace(collector: Collector, ada: SignedUp, name: string) {
  const [traceId, caller] = [randomUUID().replaceAll('-', ''), 'b7ad6b7169203331'];
  const { status } = await ada.visitor.send(
    'POST',
    '/v1/keys',
    { name, projectId: ada.projectId },
    { traceparent: `00-${traceId}-${caller}-01` },
  );
  expect(status).toBe(201);
  const mine = (spans: Span[]) => spans.filter((span) => span.traceId === traceId);
  const spans = mine(
    await collector.until(
      (all) =>
        mine(all).some((span) => span.name === 'POST /v1/keys') && mine(all).some((span) => span.name === 'append'),
    ),
  );
  const named = (service: string, wanted: string, kind?: number) =>
    spans.find(
      (span) => span.service === service && span.name === wanted && (kind === undefined || span.kind === kind),
    );
  const http = named('gateway', 'POST /v1/keys', KIND.server);
  const call = named('gateway', 'Keys/IssueKey', KIND.client);
  const answered = named('key-management', 'Keys/IssueKey', KIND.server);
  expect(http?.parentSpanId).toBe(caller);
  expect(call?.parentSpanId).toBe(http?.spanId);
  expect(answered?.parentSpanId).toBe(call?.spanId);
  expect(named('key-management', 'append')?.parentSpanId).toBe(answered?.spanId);
  // The bus begins traces of its own, which are linked to this one: never longer, however late a consumer reads.
  const linked = (all: Span[], service: string, kind: number) =>
    all.find(
      (span) => span.service === service && span.kind === kind && span.links?.some((link) => link.traceId === traceId),
    );
  const all = await collector.until(
    (seen) =>
      linked(seen, 'key-management', KIND.producer) !== undefined &&
      linked(seen, 'mailer', KIND.consumer) !== undefined,
  );
  for (const span of [linked(all, 'key-management', KIND.producer), linked(all, 'mailer', KIND.consumer)]) {
    expect(span?.traceId).not.toBe(traceId);
    expect(span?.parentSpanId ?? '').toBe('');
    expect(span?.links?.find((link) => link.traceId === traceId)?.spanId).toBe(call?.spanId);
  }
}

describe('whoever watches from outside', () => {
  let product: Product;
  let collector: Collector;
  let ada: SignedUp;
  let metricsPort: number;
  /** Texts that must not appear in logs, metrics or traces. */
  const canaries = {
    address: `canary.${randomUUID()}@example.com`,
    invited: `guest.${randomUUID()}@example.com`,
    name: `Canaria ${randomUUID()}`,
    password: `canary in the mine ${randomUUID()}`,
    network: '127.0.7.77',
  };
  const secrets = new Map<string, string>();
  const watch = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${metricsPort}${path}`);
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  /** From an address that can be told from others. */
  const fromNetwork = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: string }>((done, failed) => {
      request(
        {
          host: '127.0.0.1',
          port: product.port,
          localAddress: canaries.network,
          method,
          path,
          headers: {
            'host': `localhost:${product.port}`,
            'content-type': 'application/json',
            'rollcall-client': 'test',
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => {
              text += chunk;
            })
            .on('end', () => {
              done({ status: response.statusCode ?? 0, body: text });
            });
        },
      )
        .on('error', failed)
        .end(JSON.stringify(body));
    });
  const superuser = async (database: string) => {
    const { postgresPassword } = JSON.parse(
      readFileSync(join(product.dataFolder, 'data', 'secrets.json'), 'utf8'),
    ) as Secrets;
    const port = Number(
      readFileSync(join(product.dataFolder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3],
    );
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password: postgresPassword, database });
    await client.connect();
    return client;
  };
  const asSuperuser = async (database: string, sql: string) => {
    const client = await superuser(database);
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    collector = await Collector.start();
    metricsPort = await freePort();
    product = await Product.start({
      METRICS_PORT: String(metricsPort),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      LOG_LEVEL: 'trace',
    });
    ada = await product.signUp(canaries.address, canaries.name, canaries.password);
  });
  afterAll(async () => {
    await product.dispose();
    await collector.stop();
  });

  it("sees one trace of a request through gateway and service, which takes up the caller's", () =>
    seesOneTrace(collector, ada, canaries.name));

  it('reads metrics of every service, by route and method and never by id', async () => {
    const { status, headers, body } = await watch('/metrics');
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
    // A Prometheus keeps what each scrape tells of an idle product.
    expect(body.length).toBeLessThan(150_000);
    for (const service of SERVICES) expect(body).toContain(`rollcall_ready{service="${service}"} 1`);
    expect(body).toMatch(
      /rollcall_http_request_seconds_count\{service="gateway",method="POST",route="\/v1\/keys",status="201"\} 1/,
    );
    expect(body).toMatch(
      /rollcall_grpc_server_seconds_count\{service="key-management",method="Keys\/IssueKey",code="OK"\} 1/,
    );
    expect(body).toMatch(
      /rollcall_grpc_client_seconds_count\{service="gateway",peer="key-management",method="Keys\/IssueKey",outcome="ok"\} 1/,
    );
    expect(body).toMatch(/rollcall_events_appended_total\{service="identity",type="LoginRecorded"\} 1/);
    expect(body).toMatch(/rollcall_facts_published_total\{service="key-management",topic="key-management.keys"\} 1/);
    expect(body).not.toContain('scrape_failures_total{');
    expect((await product.visitor().get('/metrics')).status).toBe(404);
    expect(body).not.toMatch(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}/);
  });

  it('sees what a revocation took, and sign-ins by outcome', async () => {
    const {
      body: { key, secret },
    } = await ada.visitor.post('/v1/keys', { name: canaries.name, projectId: ada.projectId });
    secrets.set('key', secret as string);
    expect((await product.visitor().get('/v0.4/whoami', { authorization: `apiKey ${secret as string}` })).status).toBe(
      200,
    );
    await ada.visitor.post(`/v1/keys/${key.id as string}/revoke`);
    await product.visitor().get('/v0.4/whoami', { authorization: `apiKey ${secret as string}` });
    const right = await fromNetwork('POST', '/v1/sessions', { email: canaries.address, password: canaries.password });
    const wrong = await fromNetwork('POST', '/v1/sessions', {
      email: canaries.address,
      password: `${canaries.password} wrong`,
    });
    expect([right.status, wrong.status]).toEqual([201, 401]);
    const { body } = await watch('/metrics');
    for (const service of ['gateway', 'key-management'])
      expect(body).toContain(`rollcall_revocation_seconds_count{service="${service}"} 1`);
    for (const outcome of ['good', 'sign-in/failed'])
      expect(body).toContain(`rollcall_sign_ins_total{service="identity",outcome="${outcome}"} 1`);
  });

  it('T-PII-4 finds no address, name, network, key, token or password in logs, metrics and traces, whatever goes wrong', async () => {
    const { visitor, organizationId } = ada;
    await visitor.post(`/v1/organizations/${organizationId}/invitations`, { email: canaries.invited });
    const token = tokenIn(await product.mail(canaries.invited, /./));
    secrets.set('token', token);
    await product.visitor().post('/v1/invitations/look', { token });
    // What is refused, and what is not understood.
    await fromNetwork('POST', '/v1/sign-ups', { email: canaries.address });
    await fromNetwork('POST', '/v1/sign-ups', {
      email: canaries.address,
      name: canaries.name,
      password: canaries.password,
    });
    await fromNetwork('POST', '/v1/key-reports', { secret: secrets.get('key') });
    await fromNetwork('POST', '/v1/invitations/accept', {
      token,
      name: canaries.name,
      password: canaries.password,
      more: canaries.address,
    });
    await visitor.get(`/v1/keys?name=${encodeURIComponent(canaries.name)}`);
    await visitor.get(`/v1/nothing/${encodeURIComponent(canaries.address)}`);
    await visitor.get(`/v1/keys/${secrets.get('key') ?? ''}`);
    await visitor.send('PUT', '/v1/account/name', { name: `${canaries.name} II` }, { traceparent: canaries.name });
    // A database that fails while it is asked names what it was asked about.
    await asSuperuser('identity', 'ALTER TABLE events RENAME TO events_away');
    await fromNetwork('POST', '/v1/sessions', { email: canaries.address, password: canaries.password });
    await fromNetwork('POST', '/v1/sign-ups', { email: `new.${canaries.address}` });
    await asSuperuser('identity', 'ALTER TABLE events_away RENAME TO events');
    expect(
      (await fromNetwork('POST', '/v1/sessions', { email: canaries.address, password: canaries.password })).status,
    ).toBe(201);
    for (const [name, value] of visitor.cookies) secrets.set(name, value);
    const last = randomUUID().replaceAll('-', '');
    await visitor.get('/v1/account', { traceparent: `00-${last}-b7ad6b7169203331-01` });
    await collector.until((spans) =>
      spans.some(
        ({ traceId, service, parentSpanId }) =>
          traceId === last && service === 'gateway' && parentSpanId === 'b7ad6b7169203331',
      ),
    );

    const logs = readdirSync(join(product.dataFolder, 'data'))
      .filter((file) => file.endsWith('.log'))
      .map((file) => readFileSync(join(product.dataFolder, 'data', file), 'utf8'))
      .join('\n');
    expect(logs).toContain('a call failed');
    const seen = {
      logs,
      printed: product.printed,
      metrics: (await watch('/metrics')).body,
      readiness: (await watch('/readyz')).body,
      traces: collector.bodies.join('\n'),
    };
    const hidden = [...Object.values(canaries), ...secrets.values()]
      .filter((value) => value.length > 8)
      .flatMap((value) => [value, encodeURIComponent(value)]);
    expect(hidden.length).toBeGreaterThan(12);
    for (const [where, text] of Object.entries(seen)) {
      expect(hidden.filter((value) => text.includes(value)).map((value) => `${where} has ${value}`)).toEqual([]);
      expect(`${where} ${text.length > 0}`).toBe(`${where} true`);
    }
    // Nor ids of anybody in traces and metrics.
    expect(
      [seen.traces, seen.metrics, seen.readiness].filter(
        (text) => text.includes(ada.accountId) || text.includes(organizationId),
      ),
    ).toEqual([]);
  });

  it('is told which database holds back what was written', async () => {
    const holding = await superuser('mailer');
    try {
      await holding.query('BEGIN; SELECT pg_current_xact_id()');
      await ada.visitor.send('PUT', '/v1/account/name', { name: `${canaries.name} III` });
      await eventually(
        async () => ({ ...(await watch('/metrics')), status: 0 }),
        ({ body }) =>
          /rollcall_frontier_age_seconds\{service="identity",application="",database="mailer"\} (0\.[1-9]|[1-9])/.test(
            String(body),
          ),
      );
      expect((await watch('/metrics')).body).toMatch(/rollcall_relay_behind_events\{service="identity"\} [1-9]/);
    } finally {
      await holding.end();
    }
  });

  it('is told by /readyz that the bus is away, which keeps nobody from their work', async () => {
    const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'bus'";
    await asSuperuser('postgres', 'ALTER DATABASE bus WITH ALLOW_CONNECTIONS false');
    await asSuperuser('postgres', cut);
    try {
      const told = await watch('/readyz');
      expect(told.status).toBe(200);
      expect(JSON.parse(told.body)).toMatchObject({
        services: { mailer: { status: 'ready', degraded: [expect.stringContaining('the bus does not answer')] } },
      });
      expect((await ada.visitor.post('/v1/keys', { name: canaries.name, projectId: ada.projectId })).status).toBe(201);
      expect((await watch('/metrics')).body).toMatch(/rollcall_relay_behind_events\{service="key-management"\} [1-9]/);
    } finally {
      await asSuperuser('postgres', 'ALTER DATABASE bus WITH ALLOW_CONNECTIONS true');
    }
    await eventually(
      async () => ({ ...(await watch('/metrics')), status: 0 }),
      ({ body }) => /rollcall_relay_behind_events\{service="key-management"\} 0/.test(String(body)),
    );
  });

  it('is told by /readyz that it is ready, and why it is not: a log that was rolled back, a place that is lost', async () => {
    expect(JSON.parse((await watch('/readyz')).body)).toMatchObject({
      status: 'ready',
      services: { identity: { status: 'ready', reasons: [] } },
    });
    expect((await watch('/livez')).status).toBe(200);
    expect((await watch('/else')).status).toBe(404);
    // Another event stands where the newest one that is on the bus stood.
    await asSuperuser(
      'organization',
      `SET session_replication_role = replica;
       UPDATE events SET event_id = gen_random_uuid() WHERE pos = (SELECT max(pos) FROM events WHERE stream_id LIKE 'organization-%')`,
    );
    await asSuperuser(
      'mailer',
      `UPDATE inbox_offsets SET next_offset = next_offset + 1000 WHERE topic = 'key-management.keys'`,
    );
    await product.end();
    await product.begin();
    const { status } = await eventually(
      () => product.visitor().get('/readyz'),
      ({ body }) => body.services.identity === 'ready' && body.services.organization === 'not ready',
      60_000,
    );
    expect(status).toBe(503);
    expect((await product.visitor().get('/readyz')).body).toMatchObject({
      status: 'not ready',
      services: { identity: 'ready' },
      reasons: { mailer: expect.stringContaining('not ready') as unknown },
    });
    const why = await watch('/readyz');
    expect(why.status).toBe(503);
    const { services } = JSON.parse(why.body) as { services: Record<string, { status: string; reasons: string[] }> };
    expect(services.organization).toMatchObject({
      status: 'not ready',
      reasons: [expect.stringContaining('does not have: the database is an older copy')],
    });
    expect(services.mailer).toMatchObject({
      status: 'not ready',
      reasons: [expect.stringContaining('mailer reads key-management.keys/0 no further')],
    });
    expect(services.identity).toMatchObject({ status: 'ready', reasons: [] });
    const { body } = await watch('/metrics');
    expect(body).toContain('rollcall_ready{service="organization"} 0');
    expect(body).toContain('rollcall_inbox_halted_partitions{service="mailer"} 1');
  });
});

describe('whoever watches processes of their own', () => {
  it('T-PII-4 sees one trace across them and over Kafka, and in no log or span who it was about', async () => {
    const hidden = {
      address: `canary.${randomUUID()}@example.com`,
      name: `Canaria ${randomUUID()}`,
      password: `canary in the mine ${randomUUID()}`,
    };
    const collector = await Collector.start();
    const product = await Product.start(
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, LOG_LEVEL: 'trace' },
      { script: 'start:services' },
    );
    try {
      await seesOneTrace(collector, await product.signUp(hidden.address, hidden.name, hidden.password), hidden.name);
      expect(await product.end()).toBe(0);
      // Spans that were not sent yet are sent before the processes end.
      expect(new Set(collector.spans.map(({ service }) => service))).toEqual(new Set(SERVICES));
      const files = readdirSync(join(product.dataFolder, 'data')).filter((file) => file.endsWith('.log'));
      const told = [
        ...files.map((file) => readFileSync(join(product.dataFolder, 'data', file), 'utf8')),
        ...collector.bodies,
      ].join('\n');
      expect(files.length).toBeGreaterThan(6);
      expect(
        Object.entries(hidden)
          .filter(([, value]) => told.includes(value))
          .map(([what]) => what),
      ).toEqual([]);
    } finally {
      await product.dispose();
      await collector.stop();
    }
  });
});
