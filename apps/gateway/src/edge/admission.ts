import { type Access, DETAILS, type Route } from '#contracts';
import { Peers, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { credentialsSent } from '../http/credentials.ts';
import type { KeyHolder } from '../gate/admit.ts';
import { requireScope } from '../gate/scopes.ts';
import type { SignedIn } from '../gate/session-check.ts';
import type { Half } from './ask.ts';
import { Cookies } from './cookies.ts';
import { KeyStrategy } from './key.strategy.ts';
import { RecentProofs } from './recent-proofs.ts';
import { SessionStrategy } from './session.strategy.ts';
import { judge } from './strategy.ts';

/** A caller that the edge has let in. */
export interface Admitted {
  readonly holder: KeyHolder | undefined;
  readonly who: SignedIn | undefined;
  readonly half: Half | undefined;
}

/** @throws Problem for a session that opens the account's own pages alone. */
export function requireUnconfined(who: SignedIn | undefined): void {
  if (who?.confined)
    throw new Problem(
      'session/second-factor-required',
      'An organization of yours asks for a second factor. Set one up to go on; your keys work meanwhile.',
    );
}

/** Where a session's cookie means nothing. */
const WITHOUT_SESSION: ReadonlySet<Access> = new Set(['key', 'half', 'development']);
const NOBODY: Admitted = { holder: undefined, who: undefined, half: undefined };

/** Checks the caller against the route's access before a byte of the body is read, so that a request that will be refused costs nothing. */
@Injectable()
export class Admission {
  private readonly admitted = new WeakMap<FastifyRequest, Admitted>();

  constructor(
    private readonly byKey: KeyStrategy,
    private readonly bySession: SessionStrategy,
    private readonly cookies: Cookies,
    private readonly peers: Peers,
    private readonly proofs: RecentProofs,
  ) {}

  /** @throws Problem: 401 or 403, or 503 where it cannot be decided. */
  async admit(request: FastifyRequest, route: Route): Promise<void> {
    const byKey = route.access === 'key' || (route.access === 'session-or-key' && credentialsSent(request) > 0);
    const holder = byKey ? (await judge<KeyHolder>(this.byKey, request)).principal : undefined;
    if (holder && route.scope !== undefined) requireScope(holder, route.scope);
    const who =
      byKey || WITHOUT_SESSION.has(route.access)
        ? undefined
        : (await judge<SignedIn>(this.bySession, request)).principal;
    if (!byKey && !who && route.access.startsWith('session'))
      throw new Problem('session/required', 'Sign in first: POST /v1/sessions sets the cookie that this needs.');
    if (route.access.startsWith('session') && !route.confined) requireUnconfined(who);
    if (who && route.proof === true) await this.proofs.require(who, request.id);
    const half = route.access === 'half' ? await this.requireHalf(request) : undefined;
    this.admitted.set(request, { holder, who, half });
  }

  of(request: FastifyRequest): Admitted {
    return this.admitted.get(request) ?? NOBODY;
  }

  /** Judged by identity, like a session: what has ended has ended now. */
  private async requireHalf(request: FastifyRequest): Promise<Half> {
    const token = this.cookies.halfToken(request);
    if (token === undefined) throw new Problem('sign-in/half-required', DETAILS['sign-in/half-required']);
    const half = await this.peers
      .of('identity', 'SignIns')
      .getHalf({ halfToken: token }, { correlationId: request.id, actor: 'service:gateway' });
    return { ...half, token };
  }
}
