import type { identity } from '#contracts';
import { followUp, handle, PostgresEventStore, type SealingKeys } from '#event-sourcing';
import {
  CallableBy,
  causeOf,
  Clock,
  type Controller,
  decided,
  type Rpc,
  SERVICE_CONFIG,
  tellSeen,
  masterKeysOf,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { IdentityConfig } from '../config.ts';
import { lockAccount } from '../locks.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { endSessions } from './end-sessions.ts';
import { sessionDevices } from './devices.ts';
import { session, type SessionEndReason } from './session.decider.ts';
import { type OpenSession, sessionsByDigest, sessionsOfAccount, tokenDigest, touch } from './sessions.query.ts';
import { sessionView } from './sessions.view.ts';

@NestController()
export class SessionsController implements Controller<identity.Sessions> {
  private readonly masterKeys: SealingKeys;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly addresses: AddressBook,
    @Inject(SERVICE_CONFIG) config: IdentityConfig,
  ) {
    this.masterKeys = masterKeysOf(config);
  }

  /** Judged at use, from what the events' own transaction wrote: ended is ended now. */
  @GrpcMethod('Sessions')
  @CallableBy('gateway')
  async checkSessions({ checks }: identity.CheckSessionsRequest): Promise<identity.CheckSessionsResponse> {
    const now = this.clock.now();
    const asked = checks.map((check) => ({ ...check, digest: tokenDigest(check.sessionToken) }));
    const open = await sessionsByDigest(
      this.pool,
      this.addresses.domainKey,
      asked.map((check) => check.digest),
      now,
    );
    const touched = asked.flatMap(({ digest, touch: counts }) => (counts ? (open.get(digest) ?? []) : []));
    await touch(
      this.pool,
      touched.filter(({ status }) => status === 'active'),
      now,
    );
    return { verdicts: asked.map(({ digest, touch: counts }) => verdict(open.get(digest), counts ? now : undefined)) };
  }

  @GrpcMethod('Sessions')
  @CallableBy('gateway')
  async listSessions({ accountId }: identity.ListSessionsRequest): Promise<identity.ListSessionsResponse> {
    const open = await sessionsOfAccount(this.pool, this.addresses.domainKey, accountId, this.clock.now());
    const devices = await sessionDevices(
      this.pool,
      this.masterKeys,
      open.map(({ sessionId }) => sessionId),
    );
    return { items: open.map((session) => sessionView(session, devices.get(session.sessionId))) };
  }

  @GrpcMethod('Sessions')
  @CallableBy('gateway')
  async endSession(
    { accountId, sessionId }: identity.EndSessionRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.EndSessionsResponse> {
    const ended = await this.end(accountId, sessionId, 'signed-out', call);
    tellSeen(call, ended);
    return { ended: ended.events.length };
  }

  @GrpcMethod('Sessions')
  @CallableBy('gateway')
  async endOtherSessions(
    { accountId, keptSessionId }: identity.EndOtherSessionsRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.EndSessionsResponse> {
    const others = (await sessionsOfAccount(this.pool, this.addresses.domainKey, accountId, this.clock.now())).filter(
      ({ sessionId }) => sessionId !== keptSessionId,
    );
    for (const { sessionId } of others) await this.end(accountId, sessionId, 'ended-by-holder', call);
    return { ended: others.length };
  }

  @GrpcMethod('Sessions')
  @CallableBy('operator')
  async endAllSessions(
    request: identity.OperatorRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.EndSessionsResponse> {
    const { accountId } = request;
    const open = await sessionsOfAccount(this.pool, this.addresses.domainKey, accountId, this.clock.now());
    if (await decided(this.pool, call, request, 'account end-sessions', accountId))
      await this.store.transact(async (store, tx) => {
        await lockAccount(tx, accountId);
        await endSessions(store, tx, accountId, causeOf(call, this.clock), { reason: 'operator' });
      });
    return { ended: open.length };
  }

  private end(accountId: string, sessionId: string, reason: SessionEndReason, call: Rpc) {
    return handle(
      this.store,
      session,
      sessionId,
      { type: 'EndSession', accountId, reason },
      followUp(causeOf(call, this.clock)),
    );
  }
}

function verdict(open: OpenSession | undefined, touchedAt: Date | undefined): identity.SessionVerdict {
  if (!open) return { ...ENDED, outcome: 'ended' };
  const { accountId, confined } = open;
  if (open.status === 'suspended') return { ...ENDED, outcome: 'suspended', accountId };
  if (!touchedAt) return { ...ENDED, outcome: 'good', accountId, confined, session: sessionView(open) };
  const idleMs = open.idleEndsAt ? open.idleEndsAt.getTime() - open.lastSeenAt.getTime() : undefined;
  const touched =
    idleMs === undefined
      ? { ...open, lastSeenAt: touchedAt }
      : { ...open, lastSeenAt: touchedAt, idleEndsAt: new Date(touchedAt.getTime() + idleMs) };
  return { ...ENDED, outcome: 'good', accountId, confined, session: sessionView(touched) };
}

const ENDED = { accountId: '', session: undefined, confined: false, suspendedFor: '' };
