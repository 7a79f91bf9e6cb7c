import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Fields = Readonly<Record<string, unknown>>;

/** What an OpenID provider says in place of the truth: fields beside or in place of its own; what is undefined is left out. */
export interface ProviderLies {
  readonly metadata?: Fields;
  readonly header?: Fields;
  readonly claims?: Fields;
  readonly userInfo?: Fields;
  /** The signature of a token, of `header.payload`. */
  readonly signature?: (signed: string) => Buffer;
  /** Of the callback's query. */
  readonly answer?: Readonly<Record<string, string | undefined>>;
  /** In place of everything at this path. */
  readonly at?: Readonly<Record<string, RequestListener>>;
}

/** A key of a provider, with its name. */
export interface ProviderKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** RSA of 2,048 bits, for RS256. */
export const providerKey = (): ProviderKey => ({
  kid: randomBytes(6).toString('hex'),
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
});

/**
 * An OpenID provider with one client and one person, in process. It keeps to the protocol as long as it is not told to lie: codes work
 * once, for their redirect_uri, client and verifier.
 */
export class LyingProvider {
  static readonly CLIENT = { clientId: 'rollcall', clientSecret: 'a secret: with % and +' };
  lies: ProviderLies = {};
  key = firstKey();
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];
  private readonly codes = new Map<string, URLSearchParams>();

  private constructor(
    private readonly server: Server,
    /** `host:port` */
    readonly host: string,
  ) {}

  static async start(): Promise<LyingProvider> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const provider = new LyingProvider(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void provider.answer(request, response));
    return provider;
  }

  get issuer(): string {
    return `http://${this.host}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** The person signs in where the browser was sent. Answers the query that the browser brings back. */
  signIn(location: URL): string {
    const code = randomBytes(16).toString('hex');
    const asked = location.searchParams;
    this.codes.set(code, asked);
    return new URLSearchParams(
      spoken({ code, state: asked.get('state'), iss: this.issuer, ...this.lies.answer }) as Record<string, string>,
    ).toString();
  }

  /** A token of this provider as it is told to lie. */
  token(claims: Fields, header: Fields = {}): string {
    const signed = [
      spoken({ alg: 'RS256', kid: this.key.kid, ...header, ...this.lies.header }),
      spoken({ iss: this.issuer, aud: LyingProvider.CLIENT.clientId, iat: seconds(), ...claims, ...this.lies.claims }),
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = this.lies.signature ?? ((data) => sign('sha256', Buffer.from(data), this.key.privateKey));
    return `${signed}.${signature(signed).toString('base64url')}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const path = request.url ?? '';
    this.asked.push(path);
    const told = this.lies.at?.[path];
    if (told) return told(request, response);
    const asked = new URL(path, this.issuer);
    if (asked.pathname === '/authorize') return this.sendBack(asked, response);
    const form = new URLSearchParams(await text(request));
    const [status, body] = this.truth(path, form, request.headers.authorization ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  /** The person is signed in there already: the browser goes back at once. */
  private sendBack(asked: URL, response: ServerResponse): void {
    const location = `${asked.searchParams.get('redirect_uri') ?? ''}?${this.signIn(asked)}`;
    response.writeHead(302, { location }).end();
  }

  private truth(path: string, form: URLSearchParams, authorization: string): [number, unknown] {
    switch (path) {
      case '/.well-known/openid-configuration':
        return [200, spoken({ ...this.metadata(), ...this.lies.metadata })];
      case '/jwks':
        return [
          200,
          { keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), kid: this.key.kid, use: 'sig', alg: 'RS256' }] },
        ];
      case '/token':
        return this.exchange(form, authorization);
      case '/userinfo':
        return [200, spoken({ ...PERSON, ...this.lies.userInfo })];
      default:
        return [404, {}];
    }
  }

  private metadata(): Fields {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      userinfo_endpoint: `${this.issuer}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  private exchange(form: URLSearchParams, authorization: string): [number, unknown] {
    const asked = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    if (!isClient(form, authorization)) return [401, { error: 'invalid_client' }];
    const isProved =
      asked?.get('code_challenge') ===
      createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
    if (!isProved || asked.get('redirect_uri') !== form.get('redirect_uri')) return [400, { error: 'invalid_grant' }];
    const now = seconds();
    const claims = { ...PERSON, exp: now + 300, auth_time: now, nonce: asked.get('nonce'), sid: 'session-1' };
    return [200, { access_token: 'access', token_type: 'Bearer', expires_in: 300, id_token: this.token(claims) }];
  }
}

const PERSON: Fields = { sub: 'ada-1815', email: 'ada@acme.example', email_verified: true, name: 'Ada Lovelace' };

/** All providers of a test file begin with one: making it takes a tenth of a second. */
let madeKey: ProviderKey | undefined;
const firstKey = () => (madeKey ??= providerKey());

const seconds = () => Math.floor(Date.now() / 1_000);
const spoken = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** By either method of RFC 6749 §2.3.1; in the header both parts are form-encoded first. */
function isClient(form: URLSearchParams, authorization: string): boolean {
  const { clientId, clientSecret } = LyingProvider.CLIENT;
  const [id = '', secret = ''] = authorization.startsWith('Basic ')
    ? Buffer.from(authorization.slice(6), 'base64').toString().split(':').map(formDecoded)
    : [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
  return id === clientId && secret === clientSecret;
}

const formDecoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
