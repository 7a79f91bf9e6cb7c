import { appendFileSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { LOADER } from '#platform';
import { certificateFiles, keepCertificates } from '#local-servers';
import { eventually, Processes, Product, type SignedUp } from '#testing';
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import pg from 'pg';

/** The first steps of docs/flows/the-story.md where each service is a process that speaks TLS alone. */
describe('the story under TLS', () => {
  let product: Product;
  let ada: SignedUp;
  let key: { id: string; secret: string };

  beforeAll(async () => {
    product = await Product.start({ ROLLCALL_TLS: '1' }, { script: 'start:services' });
  }, 180_000);
  afterAll(() => product.dispose(), 60_000);

  const tls = () => join(product.dataFolder, 'data', 'tls');

  /** Asks a gateway by gRPC whether the key works, as a service of the platform that shows this certificate, or none. */
  function verify(name?: string): Promise<{ valid: boolean } | string> {
    const { tlsCa, tlsCert, tlsKey } = certificateFiles(tls(), name ?? 'operator');
    const pair = name === undefined ? [] : ([readFileSync(tlsKey), readFileSync(tlsCert)] as const);
    const loaded = loadPackageDefinition(loadSync('rollcall/gateway/v1/gateway.proto', LOADER)) as unknown as {
      rollcall: { gateway: { v1: { Verify: ServiceClientConstructor } } };
    };
    const client = new loaded.rollcall.gateway.v1.Verify(
      product.internal.grpc,
      credentials.createSsl(readFileSync(tlsCa), ...pair),
    );
    return new Promise((answered) => {
      const ask = client.verifyKey?.bind(client) as (
        request: object,
        options: object,
        done: (error: Error | null, answer: { valid: boolean }) => void,
      ) => void;
      ask({ key: key.secret, scopes: [] }, { deadline: Date.now() + 5_000 }, (error, answer) => {
        client.close();
        answered(error ? 'refused' : answer);
      });
    });
  }

  it('signs somebody up, and makes a key', async () => {
    ada = await product.signUp('ada@example.com');
    const { body } = await eventually(
      () => ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId }),
      ({ status }) => status === 201,
    );
    key = { id: body.key.id, secret: body.secret };
  });

  it('tells a service with a certificate that the key works, and one without nothing', async () => {
    expect(await verify('operator')).toMatchObject({ valid: true });
    expect(await verify()).toBe('refused');
  });

  it('answers no service in clear', async () => {
    const [host = '', port] = (new Processes(product).environment('identity').GRPC_ADDRESS ?? '').split(':');
    const socket = connect(Number(port), host).end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const heard: Buffer[] = [];
    for await (const chunk of socket) heard.push(chunk as Buffer);
    // At most an alert of TLS (21), never a frame of HTTP/2.
    expect(Buffer.concat(heard)[0] ?? 21).toBe(21);
  });

  it('speaks to its databases under TLS alone, as every service does', async () => {
    const { postgresPassword } = JSON.parse(readFileSync(join(product.dataFolder, 'data', 'secrets.json'), 'utf8')) as {
      postgresPassword: string;
    };
    const port = readFileSync(join(product.dataFolder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3];
    const client = new pg.Client({
      connectionString: `postgres://postgres:${postgresPassword}@127.0.0.1:${port ?? ''}/postgres`,
    });
    await client.connect();
    const { rows } = await client.query<{ name: string; ssl: boolean }>(
      "SELECT DISTINCT usename AS name, ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename <> 'postgres' ORDER BY 1",
    );
    await client.end();
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['identity', 'key_management', 'mailer']));
    expect(new Set(rows.map(({ ssl }) => ssl))).toEqual(new Set([true]));
  });

  it('exchanges facts with a broker that knows nobody without a certificate', async () => {
    const [host = '', port] = new Processes(product).brokers.split(':');
    const { tlsCa, tlsCert, tlsKey } = certificateFiles(tls(), 'operator');
    /** What comes of asking it for its versions, the first thing that a client asks. */
    const asked = (pair: object) =>
      new Promise<string>((told) => {
        const socket = connectTls({ host, port: Number(port), ca: readFileSync(tlsCa), ...pair }, () =>
          socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])),
        )
          .once('data', () => {
            told('answers');
            socket.destroy();
          })
          .once('error', ({ code }: NodeJS.ErrnoException) => {
            told(code ?? '');
          })
          .once('close', () => {
            told('closed');
          });
      });
    expect(await asked({ cert: readFileSync(tlsCert), key: readFileSync(tlsKey) })).toBe('answers');
    expect(await asked({})).toMatch(/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|closed/);
  });

  it('lets an operator in by the certificate that was made for them', async () => {
    await product.rollcall('operators', 'add', 'ada', '--apply', '--reason', 'on call');
    expect(await product.rollcall('status')).toMatchObject({ code: 0 });
  });

  it('goes on with certificates of another authority once all files are written over, without a restart', async () => {
    const before = new Processes(product).started;
    const names = ['gateway', ...Object.keys(await peers()), 'operator'];
    await keepCertificates(
      `${tls()}-next`,
      Object.fromEntries(names.map((name) => [name, ['localhost', '127.0.0.1']])),
    );
    // What PostgreSQL shows is of the one before until it is started again.
    appendFileSync(join(`${tls()}-next`, 'ca.pem'), readFileSync(join(tls(), 'ca.pem')));
    const { rename } = await import('node:fs/promises');
    await rename(tls(), `${tls()}-before`);
    await rename(`${tls()}-next`, tls());
    await eventually(
      async () => ({ status: (await verify('operator')) === 'refused' ? 503 : 200, body: '' }),
      ({ status }) => status === 200,
    );
    expect((await ada.visitor.get('/v1/account')).status).toBe(200);
    expect(new Processes(product).started).toBe(before);
  });

  it('says at once that a revoked key works no more', async () => {
    expect((await ada.visitor.post(`/v1/keys/${key.id}/revoke`, { reason: 'requested' })).status).toBe(200);
    expect(await verify('operator')).toMatchObject({ valid: false });
  });

  const peers = () =>
    Promise.resolve(
      JSON.parse(readFileSync(join(product.dataFolder, 'data', 'peers.json'), 'utf8')) as Record<string, string>,
    );
});
