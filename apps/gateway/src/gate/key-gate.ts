import type { keyManagement } from '#contracts';
import { apiKeyDigest, Clock, errorFields, LOGGER, type Logger, looksLikeApiKey, Peers, Problem, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { GatewayConfig } from '../config.ts';
import { coalesce } from './coalesce.ts';

/** Whose key a request carries. */
export interface KeyHolder {
  readonly keyId: string;
  readonly keyName: string;
  readonly projectId: string;
  readonly organizationId: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
}

const FLUSH_EVERY_MS = 3_000;
const CONTEXT = { correlationId: 'gate', actor: 'service:gateway' };
const REFUSED = () => new Problem('key/refused', 'The API key is missing, unknown, expired or revoked. Send a working one as "Authorization: apiKey <key>".');

/** The one place that says whether an API key works: key-management is asked for each request, so a revocation is final when it returns. */
@Injectable()
export class KeyGate implements OnApplicationShutdown {
  private readonly verify: (digest: string) => Promise<keyManagement.Verdict>;
  private readonly uses = new Map<string, string>();
  private readonly flushing: NodeJS.Timeout;

  constructor(private readonly peers: Peers, private readonly clock: Clock, @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig, @Inject(LOGGER) private readonly logger: Logger) {
    const gate = peers.of('key-management', 'Gate');
    this.verify = coalesce(async (digests: readonly string[]) => (await gate.verifyKeys({ digests: [...digests] }, CONTEXT)).verdicts, (digest) => digest);
    this.flushing = setInterval(() => void this.flush(), FLUSH_EVERY_MS).unref();
  }

  /** @throws Problem: 401 for every key that does not work, 403 for a good one whose owner is suspended or whose project is archived. */
  async judge(authorization: string | undefined): Promise<KeyHolder> {
    const [, presented] = /^(?:apikey|bearer) +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (presented === undefined || presented.length > 200 || !looksLikeApiKey(this.config.installationKey, this.config.keyPrefix, presented)) throw REFUSED();
    const verdict = await this.verify(apiKeyDigest(presented));
    if (verdict.outcome === 'suspended') throw new Problem('account/suspended', 'The account that this key belongs to is suspended. Its holder can read how to come back when signing in.');
    if (verdict.outcome === 'archived') throw new Problem('key/project-archived', 'The project of this key is archived: nothing new runs in it.');
    if (verdict.outcome === 'undecided') throw new Problem('service/unavailable', 'It cannot be decided at this moment whether this key works. Try again shortly.', { retryAfterSeconds: 5 });
    if (verdict.outcome !== 'good') throw REFUSED();
    this.uses.set(verdict.keyId, this.clock.now().toISOString());
    return verdict;
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.flushing);
    await this.flush();
  }

  /** When keys were used, every few seconds and never for each request; what could not be told is kept for the next time. */
  private async flush() {
    if (this.uses.size === 0) return;
    const uses = [...this.uses].map(([keyId, usedAt]) => ({ keyId, usedAt }));
    this.uses.clear();
    try {
      await this.peers.of('key-management', 'Gate').recordUse({ uses }, CONTEXT);
    } catch (error) {
      for (const { keyId, usedAt } of uses) if (!this.uses.has(keyId)) this.uses.set(keyId, usedAt);
      this.logger.warn(errorFields(error), 'when keys were last used could not be told; trying again');
    }
  }
}
