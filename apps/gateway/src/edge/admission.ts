import type { identity, Route } from '#contracts';
import { Peers, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Activity } from '../activity/activity.ts';
import { credentialsSent, presentedKey } from '../http/credentials.ts';
import { admit, type KeyHolder } from '../gate/admit.ts';
import { KeyGate } from '../gate/key-gate.ts';
import { requireScope } from '../gate/scopes.ts';
import { SessionCheck, type SignedIn } from '../gate/session-check.ts';
import { Cookies } from './cookies.ts';
import { RecentProofs } from './recent-proofs.ts';

/** A caller that the edge has let in. */
export interface Admitted {
  readonly holder: KeyHolder | undefined;
  readonly who: SignedIn | undefined;
  readonly half: Half | undefined;
}

/** A sign-in that waits for another proof. */
export interface Half extends identity.HalfSession {
  readonly token: string;
}

/** @throws Problem for a session that opens the account's own pages alone. */
export function requireUnconfined(who: SignedIn | undefined): void {
  if (who?.confined)
    throw new Problem(
      'session/second-factor-required',
      'An organization of yours asks for a second factor. Set one up to go on; your keys work meanwhile.',
    );
}

const NOBODY: Admitted = { holder: undefined, who: undefined, half: undefined };

/** Checks the caller against the route's access before a byte of the body is read, so that a request that will be refused costs nothing. */
@Injectable()
export class Admission {
  private readonly admitted = new WeakMap<FastifyRequest, Admitted>();

  constructor(
    private readonly sessions: SessionCheck,
    private readonly keys: KeyGate,
    private readonly activity: Activity,
    private readonly cookies: Cookies,
    private readonly peers: Peers,
    private readonly proofs: RecentProofs,
  ) {}

  /** @throws Problem: 401 or 403, or 503 where it cannot be decided. */
  async admit(request: FastifyRequest, route: Route): Promise<void> {
    const byKey = route.access === 'key' || (route.access === 'session-or-key' && credentialsSent(request) > 0);
    const holder = byKey
      ? await admit({ gate: this.keys, activity: this.activity }, presentedKey(request.headers), request.ip)
      : undefined;
    if (holder && route.scope !== undefined) requireScope(holder, route.scope);
    const who =
      !holder && route.access.startsWith('session')
        ? await this.requireSession(request, route)
        : await this.sessionIfAny(request, route, holder);
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
    if (token === undefined) throw new Problem('sign-in/half-required', 'This sign-in has expired. Start again.');
    const half = await this.peers
      .of('identity', 'SignIns')
      .getHalf({ halfToken: token }, { correlationId: request.id, actor: 'service:gateway' });
    return { ...half, token };
  }

  private async requireSession(request: FastifyRequest, route: Route): Promise<SignedIn> {
    const who = await this.sessionIfAny(request, route);
    if (!who)
      throw new Problem('session/required', 'Sign in first: POST /v1/sessions sets the cookie that this needs.');
    return who;
  }

  private async sessionIfAny(request: FastifyRequest, route: Route, holder?: KeyHolder): Promise<SignedIn | undefined> {
    const token = this.cookies.sessionToken(request);
    if (token === undefined || holder || ['key', 'half', 'development'].includes(route.access)) return undefined;
    const counts =
      request.headers['rollcall-background'] === undefined &&
      route.path !== '/v1/sessions/current' &&
      route.access.startsWith('session');
    const who = await this.sessions.check(token, counts);
    if (who && counts) await this.activity.record(who.accountId, 'session');
    return who;
  }
}
