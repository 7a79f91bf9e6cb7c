import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';

const SEEN_SECONDS = 10;
const SEEN_MAX = 20;

/** The cookies of one origin: `__Host-rollcall` on https, `rollcall-<port>` on this machine, so that two installations do not mix. */
export class Cookies {
  private readonly secure: boolean;
  readonly session: string;
  private readonly seen: string;

  constructor({ origin }: Pick<GatewayConfig, 'origin'>) {
    const url = new URL(origin);
    this.secure = url.protocol === 'https:';
    const port = url.port === '' ? '80' : url.port;
    this.session = this.secure ? '__Host-rollcall' : `rollcall-${port}`;
    this.seen = this.secure ? '__Host-rollcall-seen' : `rollcall-seen-${port}`;
  }

  sessionToken(request: FastifyRequest): string | undefined {
    const token = request.cookies[this.session];
    return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
  }

  begin(reply: FastifyReply, token: string): void {
    void reply.setCookie(this.session, token, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: this.secure,
      maxAge: 30 * 86_400,
    });
  }

  end(reply: FastifyReply): void {
    void reply.clearCookie(this.session, { path: '/', httpOnly: true, sameSite: 'lax', secure: this.secure });
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
    void reply
      .header('rollcall-seen', text)
      .setCookie(this.seen, text, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: this.secure,
        maxAge: SEEN_SECONDS,
      });
  }
}
