import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';

const SEEN_SECONDS = 10;
const SEEN_MAX = 20;
const DAY_S = 86_400;
const HALF_SECONDS = 600;
/** A mailed link goes on from a sign-in at a provider for half an hour. */
const PROVIDER_SECONDS = 2_400;

/** The cookies of one origin: `__Host-rollcall` on https, `rollcall-<port>` on this machine, so that two installations do not mix. */
export class Cookies {
  private readonly secure: boolean;
  readonly session: string;
  private readonly seen: string;
  private readonly half: string;
  private readonly device: string;
  private readonly provider: string;

  constructor({ origin }: Pick<GatewayConfig, 'origin'>) {
    const url = new URL(origin);
    this.secure = url.protocol === 'https:';
    const port = url.port === '' ? '80' : url.port;
    const named = (name: string) => (this.secure ? `__Host-rollcall${name}` : `rollcall${name}-${port}`);
    this.session = named('');
    this.seen = named('-seen');
    this.half = named('-half');
    this.device = named('-device');
    this.provider = named('-sso');
  }

  sessionToken = (request: FastifyRequest): string | undefined => tokenOf(request, this.session);
  halfToken = (request: FastifyRequest): string | undefined => tokenOf(request, this.half);
  deviceToken = (request: FastifyRequest): string | undefined => tokenOf(request, this.device);

  /** The secret of a browser that has begun a sign-in at a provider. */
  providerToken = (request: FastifyRequest): string | undefined => tokenOf(request, this.provider);

  /** A session has begun, or has a new token. */
  begin(reply: FastifyReply, token: string): void {
    this.set(reply, this.session, token, 30 * DAY_S);
  }

  end(reply: FastifyReply): void {
    this.clear(reply, this.session);
  }

  /** A sign-in waits for another proof. Strict: no other site's link brings it along. */
  beginHalf(reply: FastifyReply, token: string): void {
    this.set(reply, this.half, token, HALF_SECONDS, 'strict');
  }

  endHalf(reply: FastifyReply): void {
    this.clear(reply, this.half);
  }

  /** The browser goes to a provider. Lax: it comes back from there. */
  goToProvider(reply: FastifyReply, token: string): void {
    this.set(reply, this.provider, token, PROVIDER_SECONDS);
  }

  /** The browser is known to accounts that signed in from it. */
  knowDevice(reply: FastifyReply, token: string): void {
    this.set(reply, this.device, token, 365 * DAY_S);
  }

  /** The version that the caller's own writes have reached, from its cookie or its header. */
  seenBy(request: FastifyRequest): string | undefined {
    const header = request.headers['rollcall-seen'];
    const text = [typeof header === 'string' ? header : '', request.cookies[this.seen] ?? '']
      .filter((part) => /^[\w@,-]{1,2000}$/.test(part))
      .join(',');
    return text === '' ? undefined : text;
  }

  /** Carried for ten seconds: a read within them waits for the write. */
  tellSeen(reply: FastifyReply, seen: readonly string[]): void {
    const text = seen.slice(-SEEN_MAX).join(',');
    void reply.header('rollcall-seen', text);
    this.set(reply, this.seen, text, SEEN_SECONDS);
  }

  private set(
    reply: FastifyReply,
    name: string,
    value: string,
    maxAge: number,
    sameSite: 'lax' | 'strict' = 'lax',
  ): void {
    void reply.setCookie(name, value, { path: '/', httpOnly: true, sameSite, secure: this.secure, maxAge });
  }

  private clear(reply: FastifyReply, name: string): void {
    void reply.clearCookie(name, { path: '/', httpOnly: true, sameSite: 'lax', secure: this.secure });
  }
}

function tokenOf(request: FastifyRequest, name: string): string | undefined {
  const token = request.cookies[name];
  return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
}
