import type { Route } from '#contracts';
import { Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Activity } from '../activity/activity.ts';
import { credentialsSent, presentedKey } from '../http/credentials.ts';
import { admit, type KeyHolder } from '../gate/admit.ts';
import { KeyGate } from '../gate/key-gate.ts';
import { requireScope } from '../gate/scopes.ts';
import { SessionCheck, type SignedIn } from '../gate/session-check.ts';
import { Cookies } from './cookies.ts';

/** A caller that the edge has let in. */
export interface Admitted {
  readonly holder: KeyHolder | undefined;
  readonly who: SignedIn | undefined;
}

const NOBODY: Admitted = { holder: undefined, who: undefined };

/** Checks the caller against the route's access before a byte of the body is read, so that a request that will be refused costs nothing. */
@Injectable()
export class Admission {
  private readonly admitted = new WeakMap<FastifyRequest, Admitted>();

  constructor(
    private readonly sessions: SessionCheck,
    private readonly keys: KeyGate,
    private readonly activity: Activity,
    private readonly cookies: Cookies,
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
    this.admitted.set(request, { holder, who });
  }

  of(request: FastifyRequest): Admitted {
    return this.admitted.get(request) ?? NOBODY;
  }

  private async requireSession(request: FastifyRequest, route: Route): Promise<SignedIn> {
    const who = await this.sessionIfAny(request, route);
    if (!who)
      throw new Problem('session/required', 'Sign in first: POST /v1/sessions sets the cookie that this needs.');
    return who;
  }

  private async sessionIfAny(request: FastifyRequest, route: Route, holder?: KeyHolder): Promise<SignedIn | undefined> {
    const token = this.cookies.sessionToken(request);
    if (token === undefined || holder || route.access === 'key' || route.access === 'development') return undefined;
    const counts =
      request.headers['rollcall-background'] === undefined &&
      route.path !== '/v1/sessions/current' &&
      route.access.startsWith('session');
    const who = await this.sessions.check(token, counts);
    if (who && counts) await this.activity.record(who.accountId, 'session');
    return who;
  }
}
