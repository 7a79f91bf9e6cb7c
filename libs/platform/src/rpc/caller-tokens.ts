import { readFile } from 'node:fs/promises';
import type { ServiceName } from '#contracts';
import { SERVICES } from '#contracts';
import { decodeProtectedHeader, importPKCS8, importSPKI, jwtVerify, type JWTVerifyResult, SignJWT } from 'jose';
import type { ServiceConfig } from '../base/config.ts';
import { Time } from '../base/time.ts';

const LIFE_MS = 30_000;
/** Signed anew this long before it ends, so that no call arrives with a dead one. */
const RENEW_MS = 10_000;
const REMEMBERED_MAX = 200;

/** A person who operates the installation, by the name that the operators' file gives them. */
export type Operator = `operator:${string}`;
export type Caller = ServiceName | Operator;

export const isOperator = (caller: string): caller is Operator => caller.startsWith('operator:');

type Key = Awaited<ReturnType<typeof importSPKI>>;

/**
 * Who calls: a token signed by the calling service or operator (EdDSA, RFC 8037), for one audience, for 30 seconds.
 * Both sides remember tokens while they live, so a call costs no signature. Uses the real clock.
 */
export class CallerTokens {
  private readonly issued = new Map<ServiceName, { token: string; renewAt: number }>();
  private readonly accepted = new Map<string, { caller: Caller; until: number }>();
  private privateKey: Promise<Key> | undefined;
  private readonly publicKeys = new Map<ServiceName, Promise<Key[]>>();

  constructor(
    readonly self: Caller,
    private readonly config: Pick<ServiceConfig, 'callerKey' | 'callerKeys' | 'operatorsFile'>,
    private readonly time = new Time(),
  ) {}

  /** A token that tells the audience who we are. */
  async issue(audience: ServiceName): Promise<string> {
    const known = this.issued.get(audience);
    if (known && known.renewAt > this.time.monotonic()) return known.token;
    this.privateKey ??= importPKCS8(this.config.callerKey, 'EdDSA');
    const at = this.time.wall();
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid: this.self })
      .setIssuer(this.self)
      .setAudience(audience)
      .setIssuedAt(new Date(at))
      .setExpirationTime(new Date(at + LIFE_MS))
      .sign(await this.privateKey);
    this.issued.set(audience, { token, renewAt: this.time.monotonic() + LIFE_MS - RENEW_MS });
    return token;
  }

  /** The caller that a token names, or undefined where it proves nothing. */
  async caller(token: string): Promise<Caller | undefined> {
    const known = this.accepted.get(token);
    if (known && known.until > this.time.wall()) return known.caller;
    this.accepted.delete(token);
    try {
      const { payload, protectedHeader } = await this.verified(token);
      const caller = callerNamed(payload.iss);
      if (!caller || caller !== protectedHeader.kid) return undefined;
      if (this.accepted.size >= REMEMBERED_MAX) this.accepted.clear();
      this.accepted.set(token, { caller, until: (payload.exp ?? 0) * 1000 });
      return caller;
    } catch {
      return undefined;
    }
  }

  /** By whichever key of the caller fits. @throws where none does */
  private async verified(token: string): Promise<JWTVerifyResult> {
    const { kid } = decodeProtectedHeader(token);
    return Promise.any(
      (await this.publicKeysOf(kid)).map((key) =>
        jwtVerify(token, key, {
          algorithms: ['EdDSA'],
          audience: this.self,
          currentDate: new Date(this.time.wall()),
          requiredClaims: ['exp', 'iss'],
        }),
      ),
    );
  }

  private publicKeysOf(kid: string | undefined): Promise<Key[]> {
    if (kid !== undefined && isOperator(kid)) return this.operatorKeys(kid);
    const service = SERVICES.find((name) => name === kid);
    const pem = service && this.config.callerKeys[service];
    if (!service || pem === undefined) throw new Error('unknown caller');
    const known = this.publicKeys.get(service) ?? keysIn(pem);
    this.publicKeys.set(service, known);
    return known;
  }

  /** Read each time: an operator who was taken out of the file is none any more, at the latest when their last token ends. */
  private async operatorKeys(kid: Operator): Promise<Key[]> {
    const { operatorsFile } = this.config;
    const operators =
      operatorsFile === undefined ? {} : (JSON.parse(await readFile(operatorsFile, 'utf8')) as Record<string, string>);
    const pem = Object.hasOwn(operators, kid.slice('operator:'.length))
      ? operators[kid.slice('operator:'.length)]
      : undefined;
    if (pem === undefined) throw new Error('unknown operator');
    return keysIn(pem);
  }
}

/** Several stand one after the other while a caller changes its key. */
const keysIn = (pems: string): Promise<Key[]> =>
  Promise.all(
    (pems.match(/-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----/gs) ?? []).map((pem) =>
      importSPKI(pem, 'EdDSA'),
    ),
  );

const callerNamed = (name: string | undefined): Caller | undefined =>
  name !== undefined && isOperator(name) ? name : SERVICES.find((service) => service === name);
