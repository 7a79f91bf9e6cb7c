import type { ServiceName } from '#contracts';
import { SERVICES } from '#contracts';
import { importPKCS8, importSPKI, jwtVerify, SignJWT } from 'jose';
import type { ServiceConfig } from './config.ts';

const LIFE_SECONDS = 30;
/** Signed anew this long before it ends, so that no call arrives with a dead one. */
const RENEW_MS = 10_000;
const REMEMBERED_MAX = 200;

type Key = Awaited<ReturnType<typeof importSPKI>>;

/**
 * Who calls: a token signed by the calling service (EdDSA, RFC 8037), for one audience, for 30 seconds.
 * Both sides remember tokens while they live, so a call costs no signature. Uses the real clock.
 */
export class CallerTokens {
  private readonly issued = new Map<ServiceName, { token: string; renewAt: number }>();
  private readonly accepted = new Map<string, { caller: ServiceName; until: number }>();
  private privateKey: Promise<Key> | undefined;
  private readonly publicKeys = new Map<ServiceName, Promise<Key>>();

  constructor(private readonly self: ServiceName, private readonly config: Pick<ServiceConfig, 'callerKey' | 'callerKeys'>) {}

  /** A token that tells the audience who we are. */
  async issue(audience: ServiceName): Promise<string> {
    const known = this.issued.get(audience);
    if (known && known.renewAt > performance.now()) return known.token;
    this.privateKey ??= importPKCS8(this.config.callerKey, 'EdDSA');
    const token = await new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid: this.self }).setIssuer(this.self).setAudience(audience)
      .setIssuedAt().setExpirationTime(`${LIFE_SECONDS}s`).sign(await this.privateKey);
    this.issued.set(audience, { token, renewAt: performance.now() + LIFE_SECONDS * 1000 - RENEW_MS });
    return token;
  }

  /** The caller that a token names, or undefined where it proves nothing. */
  async caller(token: string): Promise<ServiceName | undefined> {
    const known = this.accepted.get(token);
    if (known && known.until > Date.now()) return known.caller;
    this.accepted.delete(token);
    try {
      const { payload, protectedHeader } = await jwtVerify(token, ({ kid }) => this.publicKey(kid), { algorithms: ['EdDSA'], audience: this.self, requiredClaims: ['exp', 'iss'] });
      const caller = SERVICES.find((service) => service === payload.iss && service === protectedHeader.kid);
      if (!caller) return undefined;
      if (this.accepted.size >= REMEMBERED_MAX) this.accepted.clear();
      this.accepted.set(token, { caller, until: (payload.exp ?? 0) * 1000 });
      return caller;
    } catch {
      return undefined;
    }
  }

  private publicKey(kid: string | undefined): Promise<Key> {
    const service = SERVICES.find((name) => name === kid);
    const pem = service && this.config.callerKeys[service];
    if (!service || pem === undefined) throw new Error('unknown caller');
    const known = this.publicKeys.get(service) ?? importSPKI(pem, 'EdDSA');
    this.publicKeys.set(service, known);
    return known;
  }
}
