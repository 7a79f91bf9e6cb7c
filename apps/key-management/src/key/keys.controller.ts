import type { keyManagement } from '#contracts';
import { handle, load, PostgresEventStore } from '#event-sourcing';
import {
  CallableBy,
  causeOf,
  Clock,
  type Controller,
  decided,
  isOperator,
  keyedDigest,
  lookedAt,
  onward,
  page,
  Problem,
  type Rpc,
  SERVICE_CONFIG,
  takeHourly,
  tellSeen,
  timed,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { KeyManagementConfig } from '../config.ts';
import { Fence } from '../fence/fence.ts';
import { describeKeys, findKey, type KeyFilter, keysByStart, listKeys } from './key-directory.query.ts';
import { keyIdByDigest, standingKeys, standingKeysByDigest } from '../key-gate/key-gate.query.ts';
import { findPlace, roleIn } from '../membership/membership.ts';
import { Issuing, type KeyChanges } from './issuing.service.ts';
import type { KeyLists } from './key-lists.controller.ts';
import { useDays } from '../key-gate/key-uses.ts';
import { key, type KeyEvent } from './key.decider.ts';

@NestController()
export class KeysController implements Omit<Controller<keyManagement.Keys>, keyof KeyLists> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly issuing: Issuing,
    private readonly fence: Fence,
    @Inject(SERVICE_CONFIG) private readonly config: KeyManagementConfig,
  ) {}

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async issueKey(
    { accountId, projectId, name, scopes, addresses, expiresAt }: keyManagement.IssueKeyRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.IssuedKey> {
    const wanted = {
      accountId,
      projectId,
      name,
      scopes,
      worksUntil: expiresAt ?? null,
      ...(addresses.length > 0 ? { addresses } : {}),
    };
    const { keyId, secret, handled } = await this.issuing.issue(wanted, causeOf(call, this.clock), onward(call));
    if (handled.repeated) throw secretGone(keyId);
    tellSeen(call, handled);
    return { key: await this.require(keyId), secret };
  }

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async rotateKey(
    { accountId, keyId, overlapSeconds, ...wanted }: keyManagement.RotateKeyRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.RotatedKey> {
    await this.requireOwn(keyId, accountId);
    const state = await this.state(keyId);
    if (state.status === 'unissued') throw new Error('a key in the directory is not in the log');
    const cause = causeOf(call, this.clock);
    const worksUntil = new Date(cause.at.getTime() + overlapSeconds * 1000).toISOString();
    const made = await this.issuing.rotate({ keyId, issued: state.issued }, changed(wanted), worksUntil, cause);
    await this.fence.settled();
    if (made.handled.repeated) throw secretGone(made.keyId);
    tellSeen(call, made.handled);
    return {
      key: await this.require(made.keyId),
      secret: made.secret,
      replaces: keyId,
      oldKeyWorksUntil: (await this.require(keyId)).expiresAt ?? worksUntil,
    };
  }

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async renameKey(
    { accountId, keyId, name }: keyManagement.RenameKeyRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.Key> {
    await this.requireOwn(keyId, accountId);
    tellSeen(call, await handle(this.store, key, keyId, { type: 'RenameKey', name }, causeOf(call, this.clock)));
    return this.require(keyId);
  }

  /** Final when it answers, also when it answers a repeated request: the process that served the first one may have died while it waited. */
  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async revokeKey(
    { accountId, keyId, reason: note }: keyManagement.RevokeKeyRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.RevokedKey> {
    const stop = timed.revocation.startTimer({ service: 'key-management' });
    const found = await this.requireVisible(keyId, accountId);
    tellSeen(
      call,
      await handle(
        this.store,
        key,
        keyId,
        { type: 'RevokeKey', reason: 'requested', ...(note === '' ? {} : { note }) },
        causeOf(call, this.clock),
      ),
    );
    // followersReadAfterCommit: the gateways to wait for are read in here. repeatedOneWaits: whether this request changed anything or not.
    await this.fence.settled();
    stop();
    return { key: { ...found, status: 'revoked' } };
  }

  /** A report needs the whole key, so it proves possession; the answer is the same for every key. */
  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async reportLeak(
    { digest, moreDigests, network }: keyManagement.ReportLeakRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.ReportLeakResponse> {
    const { installationKey, keyReportsPerNetworkAndHour } = this.config;
    if (
      !(await takeHourly(
        this.pool,
        keyedDigest(installationKey, 'key-report', network),
        keyReportsPerNetworkAndHour,
        this.clock.now(),
      ))
    ) {
      throw new Problem('request/rate-limited', 'Too many key reports came from your network within the hour.', {
        retryAfterSeconds: 3600,
      });
    }
    const cause = causeOf(call, this.clock);
    for (const reported of [digest, ...moreDigests]) {
      const keyId = await keyIdByDigest(this.pool, reported);
      if (keyId !== undefined) await handle(this.store, key, keyId, { type: 'ReportLeak' }, cause);
    }
    await this.fence.settled();
    return {};
  }

  /** Leaked keys go the way of a leak report: their account and owners are told. */
  @GrpcMethod('Keys')
  @CallableBy('operator')
  async revokeKeys(
    request: keyManagement.RevokeKeysRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.RevokeKeysResponse> {
    const { accountId, projectId, digests } = request;
    const owner = {
      ...(accountId === undefined ? {} : { accountId }),
      ...(projectId === undefined ? {} : { projectId }),
    };
    if (Object.keys(owner).length === 0 && digests.length === 0)
      throw new Problem('request/invalid', 'Say whose keys: of an account, of a project, or which leaked ones.');
    const keyIds =
      digests.length > 0 ? await standingKeysByDigest(this.pool, digests) : await standingKeys(this.pool, owner);
    const subject = digests.length > 0 ? 'leaked keys' : `account ${accountId ?? 'any'}, project ${projectId ?? 'any'}`;
    if (await decided(this.pool, call, request, 'keys revoke', subject)) {
      const cause = causeOf(call, this.clock);
      for (const keyId of keyIds)
        await handle(
          this.store,
          key,
          keyId,
          digests.length > 0 ? { type: 'ReportLeak' } : { type: 'RevokeKey', reason: 'operator' },
          cause,
        );
      await this.fence.settled();
    }
    return { keys: await Promise.all(keyIds.map((keyId) => this.require(keyId))) };
  }

  @GrpcMethod('Keys')
  @CallableBy('operator')
  async findKeys(
    { start, reason }: keyManagement.FindKeysRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.FindKeysResponse> {
    await lookedAt(this.pool, call, reason, 'keys find', start);
    const keys = await keysByStart(this.pool, start, this.clock.now());
    if (keys.length === 0) throw new Problem('key/unknown', `No key begins with ${start}.`);
    return { keys };
  }

  @GrpcMethod('Keys')
  @CallableBy('gateway', 'operator')
  async listKeys(
    request: keyManagement.ListKeysRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<keyManagement.ListKeysResponse> {
    const viewer = isOperator(causeOf(call, this.clock).actor) ? undefined : request.accountId;
    return page(
      await listKeys(this.pool, { ...(await this.filter(request)), viewer }, this.clock.now()),
      request.limit,
      ({ keyId }) => keyId,
    );
  }

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async getKey({ accountId, keyId }: keyManagement.GetKeyRequest): Promise<keyManagement.Key> {
    const found = await this.requireVisible(keyId, accountId);
    const state = await this.state(keyId);
    if (state.status === 'unissued') return found;
    const { issued, revokedFor, note } = state;
    const revokedBy = state.status === 'revoked' ? await this.revokedBy(keyId) : undefined;
    return {
      ...found,
      ...(issued.replaces === null ? {} : { replaces: issued.replaces }),
      ...(revokedFor === undefined ? {} : { revokedFor }),
      ...(revokedBy === undefined ? {} : { revokedBy }),
      ...(note === undefined ? {} : { revokeNote: note }),
    };
  }

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async describeKeys({
    accountId,
    keyIds,
  }: keyManagement.DescribeKeysRequest): Promise<keyManagement.DescribeKeysResponse> {
    return { keys: await describeKeys(this.pool, keyIds, accountId) };
  }

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async listUses({ accountId, keyId, days }: keyManagement.ListUsesRequest): Promise<keyManagement.ListUsesResponse> {
    await this.requireVisible(keyId, accountId);
    return { days: await useDays(this.pool, keyId, days, this.clock.now()) };
  }

  /** Who revoked it, as its log says. */
  private async revokedBy(keyId: string): Promise<string | undefined> {
    const past = await this.store.readStream<KeyEvent>(`key-${keyId}`);
    return past.findLast(({ type }) => type === 'KeyRevoked')?.meta.actor;
  }

  /** Own keys, unless an owner asks for a project or the whole organization. */
  private async filter({
    accountId,
    projectId,
    organizationId,
    status,
    limit,
    after,
    find,
    ofAccountId,
    unusedForDays,
  }: keyManagement.ListKeysRequest): Promise<Omit<KeyFilter, 'viewer'>> {
    const place = projectId === undefined ? undefined : await findPlace(this.pool, projectId, accountId);
    const asked = organizationId ?? place?.organizationId;
    const role = asked === undefined ? undefined : await roleIn(this.pool, asked, accountId);
    if (projectId !== undefined && !place?.member && role !== 'owner')
      throw new Problem('project/unknown', 'You have no project with this id.');
    if (organizationId !== undefined && role === undefined)
      throw new Problem('organization/unknown', 'You have no organization with this id.');
    return {
      accountId: role === 'owner' ? ofAccountId : accountId,
      find,
      unusedForDays,
      projectId,
      organizationId,
      status: (status ?? 'active') as KeyFilter['status'],
      after,
      limit,
    };
  }

  private async requireVisible(keyId: string, accountId: string): Promise<keyManagement.Key> {
    const found = await findKey(this.pool, keyId, this.clock.now(), accountId);
    const visible =
      found &&
      (found.accountId === accountId || (await roleIn(this.pool, found.organizationId, accountId)) === 'owner');
    if (!visible) throw new Problem('key/unknown', 'You have no key with this id.');
    return found;
  }

  private async requireOwn(keyId: string, accountId: string): Promise<void> {
    if ((await this.requireVisible(keyId, accountId)).accountId !== accountId)
      throw new Problem('key/not-yours', 'Only the person a key belongs to can change it. You can revoke it.');
  }

  private async require(keyId: string): Promise<keyManagement.Key> {
    const found = await findKey(this.pool, keyId, this.clock.now());
    if (!found) throw new Error('a key that was just written is not there');
    return found;
  }

  private async state(keyId: string) {
    return (await load(this.store, key, keyId)).state;
  }
}

/** The fields in which a key's successor differs from it. */
const changed = ({
  name,
  expiresAt,
  scopes,
  addresses,
}: Omit<keyManagement.RotateKeyRequest, 'accountId' | 'keyId' | 'overlapSeconds'>): KeyChanges => ({
  ...(name === undefined ? {} : { name }),
  ...(expiresAt === undefined ? {} : { worksUntil: expiresAt === '' ? null : expiresAt }),
  ...(scopes ? { scopes: scopes.items } : {}),
  ...(addresses ? { addresses: addresses.items } : {}),
});

const secretGone = (keyId: string) =>
  new Problem(
    'key/secret-already-issued',
    'This request was carried out before, and the secret was in that answer alone. If it is lost, rotate the key.',
    { keyId },
  );
