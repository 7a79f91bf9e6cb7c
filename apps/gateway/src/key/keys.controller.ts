import { type AnswerOf, type keyManagement, routes } from '#contracts';
import { apiKeyDigest, apiKeysIn, type CallContext, Clock, Peers, Problem, timed } from '#platform';
import { Controller } from '@nestjs/common';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';
import { networkOf } from '../edge/network.ts';
import type { SignedIn } from '../gate/session-check.ts';

type KeyView = AnswerOf<typeof routes.revokeKey>['key'];
type KeyDetail = AnswerOf<typeof routes.getKey>;
type Described = Awaited<ReturnType<People['describe']>>;

/** Longer than the longest lease: a revocation waits for silent gateways until their leases have ended. */
const ENFORCED_MS = 70_000;

@Controller()
export class KeysController {
  constructor(
    private readonly peers: Peers,
    private readonly people: People,
    private readonly clock: Clock,
  ) {}

  private get keys() {
    return this.peers.of('key-management', 'Keys');
  }

  @Serve(routes.issueKey)
  async issue(@Asked() { who, body, context }: Ask<typeof routes.issueKey>): Promise<AnswerOf<typeof routes.issueKey>> {
    const { expiresAt, ...wanted } = body;
    const { key, secret } = await this.keys.issueKey(
      { accountId: who.accountId, ...wanted, ...(expiresAt === undefined ? {} : { expiresAt: this.later(expiresAt) }) },
      context,
    );
    return { key: await this.view(required(key, 'key'), who, context), secret };
  }

  @Serve(routes.listKeys)
  async list(@Asked() ask: Ask<typeof routes.listKeys>): Promise<AnswerOf<typeof routes.listKeys>> {
    const { accountId: ofAccountId, ...query } = ask.query;
    const { items, next } = await this.keys.listKeys(
      { ...query, accountId: ask.who.accountId, ...(ofAccountId === undefined ? {} : { ofAccountId }) },
      ask.context,
    );
    return listed(ask, await this.views(items, ask.who, ask.context), next);
  }

  @Serve(routes.getKey)
  async get(@Asked() { who, params, context }: Ask<typeof routes.getKey>): Promise<AnswerOf<typeof routes.getKey>> {
    const key = await this.keys.getKey({ accountId: who.accountId, keyId: params.id }, context);
    const [, revoker] = /^account:(.+)$/.exec(key.revokedBy ?? '') ?? [];
    const people = await this.people.describe([key.accountId, ...(revoker === undefined ? [] : [revoker])], context);
    return {
      ...view(key, who, people),
      revokeNote: key.revokeNote ?? null,
      revokedFor: (key.revokedFor ?? null) as KeyDetail['revokedFor'],
      revokedBy:
        key.revokedBy == null
          ? null
          : { accountId: revoker ?? null, name: revoker === undefined ? '' : people(revoker).name },
      replaces: key.replaces ?? null,
    };
  }

  @Serve(routes.listKeyUses)
  async uses(@Asked() ask: Ask<typeof routes.listKeyUses>): Promise<AnswerOf<typeof routes.listKeyUses>> {
    const { who, params, query, context } = ask;
    const { days } = await this.keys.listUses(
      { accountId: who.accountId, keyId: params.id, days: query.days },
      context,
    );
    return listed(ask, days);
  }

  @Serve(routes.revokeKey)
  async revoke(
    @Asked() { who, params, body, context }: Ask<typeof routes.revokeKey>,
  ): Promise<AnswerOf<typeof routes.revokeKey>> {
    const began = performance.now();
    // Most revoke keys of their own: who that is, is asked meanwhile.
    const self = this.people.describe([who.accountId], context);
    self.catch(() => undefined);
    const { key } = await this.keys.revokeKey(
      { accountId: who.accountId, keyId: params.id, reason: body.reason ?? '' },
      { ...context, timeoutMs: ENFORCED_MS },
    );
    timed.revocation.observe({ service: 'gateway' }, (performance.now() - began) / 1000);
    const tookMs = Math.round((performance.now() - began) * 10) / 10;
    const revoked = required(key, 'key');
    const people = await (revoked.accountId === who.accountId
      ? self
      : this.people.describe([revoked.accountId], context));
    return { key: view(revoked, who, people), enforced: true, tookMs };
  }

  @Serve(routes.rotateKey)
  async rotate(
    @Asked() { who, params, body, context }: Ask<typeof routes.rotateKey>,
  ): Promise<AnswerOf<typeof routes.rotateKey>> {
    const { expiresAt, scopes, addresses, ...wanted } = body;
    const made = await this.keys.rotateKey(
      {
        accountId: who.accountId,
        keyId: params.id,
        ...wanted,
        ...(expiresAt === undefined ? {} : { expiresAt: expiresAt === null ? '' : this.later(expiresAt) }),
        scopes: scopes && { items: scopes },
        addresses: addresses && { items: addresses },
      },
      { ...context, timeoutMs: ENFORCED_MS },
    );
    return {
      key: await this.view(required(made.key, 'key'), who, context),
      secret: made.secret,
      replaces: made.replaces,
      oldKeyWorksUntil: made.oldKeyWorksUntil,
    };
  }

  @Serve(routes.renameKey)
  async rename(
    @Asked() { who, params, body, context }: Ask<typeof routes.renameKey>,
  ): Promise<AnswerOf<typeof routes.renameKey>> {
    return this.view(
      await this.keys.renameKey({ accountId: who.accountId, keyId: params.id, name: body.name }, context),
      who,
      context,
    );
  }

  @Serve(routes.reportKey)
  async report(@Asked() { body, request, context }: Ask<typeof routes.reportKey>) {
    const [digest = '', ...moreDigests] = apiKeysIn(body.secret).map(apiKeyDigest);
    await this.keys.reportLeak(
      { digest, moreDigests, network: networkOf(request.ip) },
      { ...context, timeoutMs: ENFORCED_MS },
    );
    return {};
  }

  /** In the one spelling of instants. @throws Problem where it is past. */
  private later(expiresAt: string): string {
    if (Date.parse(expiresAt) <= this.clock.now().getTime())
      throw new Problem('request/invalid', 'A key cannot expire in the past.', {
        fields: [{ pointer: '/expiresAt', detail: 'must be in the future' }],
      });
    return new Date(expiresAt).toISOString();
  }

  private async view(key: keyManagement.Key, who: SignedIn, context: CallContext): Promise<KeyView> {
    return view(key, who, await this.people.describe([key.accountId], context));
  }

  private async views(keys: readonly keyManagement.Key[], who: SignedIn, context: CallContext): Promise<KeyView[]> {
    const people = await this.people.describe(
      keys.map((key) => key.accountId),
      context,
    );
    return keys.map((key) => view(key, who, people));
  }
}

const view = (
  {
    keyId,
    name,
    projectId,
    projectName,
    accountId,
    start,
    status,
    createdAt,
    expiresAt,
    lastUsedAt,
    scopes,
    addresses,
    holderLeft,
    usedDays,
    revokedAt,
    replacedBy,
  }: keyManagement.Key,
  who: Pick<SignedIn, 'accountId'>,
  people: Described,
): KeyView => ({
  id: keyId,
  name,
  projectId,
  projectName,
  accountId,
  // A member who has left is a stranger: the name that they go by now is private again.
  accountName: holderLeft && accountId !== who.accountId ? '' : people(accountId).name,
  start,
  status: status as KeyView['status'],
  createdAt,
  expiresAt: expiresAt ?? null,
  lastUsedAt: lastUsedAt ?? null,
  scopes,
  addresses,
  usedDays,
  revokedAt: revokedAt ?? null,
  replacedBy: replacedBy ?? null,
});
