import { type keyManagement, shapes } from '#contracts';
import { Clock, counted, looksLikeApiKey, Peers, Problem, SERVICE_CONFIG, Time, watched } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { hash } from 'node:crypto';
import type { GatewayConfig } from '../config.ts';
import { allows } from './addresses.ts';
import { coalesce } from './coalesce.ts';
import type { VerifiedKey } from './admit.ts';
import { KeyUses } from './key-uses.ts';
import { CacheLease } from './cache-lease.ts';
import { LookUps } from './look-ups.ts';
import { type CachedVerdict, VerdictCache } from './verdict-cache.ts';

interface Found {
  readonly verdict: keyManagement.Verdict;
  readonly epoch: number;
  readonly seq: number;
}

const CONTEXT = { correlationId: 'gate', actor: 'service:gateway' };
const ASK_MAX = 3;
const PRESENTED_MAX = 200;
const REFUSED = new Problem(
  'key/refused',
  'The API key is unknown, expired or revoked, or does not work from here. Use one that works; whose key it is sees in GET /v1/keys what became of it.',
);
const MALFORMED = new Problem(
  'key/malformed',
  'This is no API key of this installation: it is cut off, mistyped, or belongs elsewhere. Copy the whole key once more.',
);

/**
 * The one place that says whether an API key works. From memory while the lease is held; else key-management is asked for each
 * request, so a revocation is final when it returns, with a lease or without.
 */
@Injectable()
export class KeyGate {
  private readonly ask: (digest: string) => Promise<Found>;
  private readonly lookUps = new LookUps();
  /** Since the last scrape: a counter of the library's own for each request would cost a tenth of it. */
  private readonly judged = { memory: 0, asked: 0 };

  constructor(
    peers: Peers,
    private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
    private readonly cache: VerdictCache,
    private readonly lease: CacheLease,
    private readonly uses: KeyUses,
    time: Time,
  ) {
    const gate = peers.of('key-management', 'Gate');
    this.ask = coalesce(
      async (digests: readonly string[]) => {
        const { verdicts, epoch, seq } = await gate
          .verifyKeys({ digests: [...digests], ...lease.known }, CONTEXT)
          .catch(ours);
        return verdicts.map((verdict) => ({ verdict, epoch, seq }));
      },
      (digest) => digest,
      {
        inFlight: 2,
        soon: (call) => {
          time.soon(call);
        },
      },
    );
  }

  /**
   * At once where the verdict is in memory: look-up, judgement and comparison with the lease are one run, in which nothing is awaited.
   * @throws Problem (or rejects with it): 401 for every key that does not work (`key/malformed` where its form alone says so), 403 for a good one whose owner is suspended or shut out, or whose
   * project is archived, 503 where it cannot be decided.
   */
  judge(presented: string, address: string): VerifiedKey | Promise<VerifiedKey> {
    if (presented.length > PRESENTED_MAX) throw MALFORMED;
    // As short as it can be: it is made, compared and kept for every key. A key in memory has passed the check before.
    const digest = hash('sha256', presented, 'binary');
    // judgedInOneRun: nothing is awaited between the lease, the look-up and the answer.
    const kept = this.lease.held ? this.cache.find(digest) : undefined;
    if (kept) {
      this.judged.memory++;
      return this.use(kept, address);
    }
    if (this.cache.refuses(digest)) throw REFUSED;
    if (!looksLikeApiKey(this.config.installationKey, this.config.keyPrefix, presented)) throw MALFORMED;
    return this.lookUp(digest, address);
  }

  /** For the metrics. */
  show(): void {
    watched.gateLease.set({ service: 'gateway' }, this.lease.held ? 1 : 0);
    watched.gateKeys.set({ service: 'gateway' }, this.cache.size);
    for (const from of ['memory', 'asked'] as const) {
      counted.judged.inc({ service: 'gateway', from }, this.judged[from]);
      this.judged[from] = 0;
    }
  }

  private use(held: CachedVerdict, address: string): VerifiedKey {
    const now = this.clock.now().getTime();
    if (held.worksUntil <= now || !allows(held.addresses, address)) throw REFUSED;
    this.uses.record(held, now);
    return held;
  }

  private async lookUp(digest: string, address: string): Promise<VerifiedKey> {
    for (let asked = 0; asked < ASK_MAX; asked++) {
      this.judged.asked++;
      const { verdict, epoch, seq } = await this.lookUps.take(address, () =>
        this.ask(Buffer.from(digest, 'latin1').toString('hex')),
      );
      if (verdict.outcome === 'unknown' && this.lease.registered === epoch) this.cache.refuse(digest);
      // A caller from an address that the key does not allow must not learn that the key exists.
      if (verdict.outcome !== 'good') throw allows(verdict.addresses, address) ? refusal(verdict.outcome) : REFUSED;
      const found = keep(verdict, seq);
      const { registered } = this.lease;
      if (registered !== undefined && registered !== epoch) this.lease.forget();
      // oldVerdictIsNotUsed: what was withdrawn while it was on its way is asked for again.
      else if (this.cache.stands(found)) {
        if (registered !== undefined) this.cache.keep(digest, found);
        return this.use(found, address);
      }
    }
    throw undecided();
  }
}

/** Shared by all keys that have them: a list costs 16 bytes, empty too. */
const NONE: readonly string[] = [];
const EVERY: readonly string[] = [shapes.EVERY_SCOPE];

/** That our own call was refused says nothing about a key: a process that was paused may send a token that has expired meanwhile. */
function ours(error: unknown): never {
  throw error instanceof Problem && error.code === 'caller/not-permitted' ? undecided() : error;
}

const keep = (
  { keyId, keyName, projectId, organizationId, accountId, scopes, addresses, expiresAt }: keyManagement.Verdict,
  stamp: number,
): CachedVerdict => ({
  keyId,
  keyName,
  projectId,
  organizationId,
  accountId,
  scopes: scopes.length === 0 ? EVERY : scopes,
  addresses: addresses.length === 0 ? NONE : addresses,
  expiresAt,
  worksUntil: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
  stamp,
  usedAt: 0,
});

function refusal(outcome: string): Problem {
  if (outcome === 'suspended')
    return new Problem(
      'account/suspended',
      'The account that this key belongs to is suspended. Its holder can read how to come back when signing in.',
    );
  if (outcome === 'deactivated')
    return new Problem(
      'member/deactivated',
      'The organization has shut the holder of this key out: its identity provider says so, or it takes no guests. The key works again once that is lifted.',
    );
  if (outcome === 'archived')
    return new Problem('key/project-archived', 'The project of this key is archived: nothing new runs in it.');
  return outcome === 'undecided' ? undecided() : REFUSED;
}

const undecided = () =>
  new Problem('service/unavailable', 'It cannot be decided at this moment whether this key works. Try again shortly.', {
    retryAfterSeconds: 5,
  });
