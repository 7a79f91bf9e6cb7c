import { type Cause, Loop, type Sql } from '#event-sourcing';
import { Clock, DAY_MS, errorFields, forgetting, type Logger, LOGGER } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { DomainProofs } from '../single-sign-on/domain-proofs.ts';
import { ConnectionSecrets, forgetSecrets } from '../single-sign-on/connection-secrets.ts';
import { readCertificates } from '../single-sign-on/provider-certificates.ts';
import { connectionOf } from '../single-sign-on/single-sign-on.view.ts';
import { Guests } from './guests.service.ts';
import { ProviderMetadata } from './provider-metadata.service.ts';
import { SingleSignOns } from './single-sign-ons.service.ts';
import type { SingleSignOnCommand } from '../single-sign-on/vocabulary.decider.ts';

const EVERY_MS = 2_000;
const BATCH_MAX = 20;
const HOUR_MS = 3_600_000;

/** Says when a domain or a connection is looked at next. */
export const lookAgainAt = (sql: Sql, subjectId: string, at: Date) =>
  sql.query(
    'INSERT INTO daily_looks (subject_id, next_at) VALUES ($1, $2) ON CONFLICT (subject_id) DO UPDATE SET next_at = excluded.next_at',
    [subjectId, at],
  );

/** Forgets what is looked at no more: all else is never overdue for a week. At most `limit`; answers how many. */
export const forgetLooks = forgetting({ table: 'daily_looks', key: 'subject_id', at: 'next_at', afterMs: 7 * DAY_MS });

/** A domain that an organization holds, or the connection that it enforces. */
interface Due {
  readonly subject_id: string;
  readonly organization_id: string;
  readonly domain: string | null;
}

/** Looks once a day whether domains are still proved, whether certificates of providers end soon, and who has become a guest. */
@Injectable()
export class DailyLooks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop = new Loop(() => this.turn(), {
    alarm: (error) => {
      this.logger.warn(errorFields(error), 'domains and certificates cannot be looked at; trying again');
    },
  });

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly singleSignOns: SingleSignOns,
    private readonly proofs: DomainProofs,
    private readonly metadata: ProviderMetadata,
    private readonly secrets: ConnectionSecrets,
    private readonly guests: Guests,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<number> {
    const due = await this.take();
    await Promise.all(due.map((each) => this.look(each)));
    return due.length < BATCH_MAX ? EVERY_MS : 0;
  }

  /** Each is taken by one of all processes, which has an hour for it: what could not be answered is due again then. */
  private async take(): Promise<Due[]> {
    const now = this.clock.now();
    const { rows } = await this.pool.query<Due>(
      `WITH watched AS (
         SELECT domain_id AS subject_id, organization_id, domain FROM domain_places WHERE held
         UNION ALL SELECT connection_id, organization_id, NULL FROM connection_places WHERE enforced
       ), due AS (
         SELECT watched.* FROM watched LEFT JOIN daily_looks USING (subject_id)
          WHERE next_at IS NULL OR next_at <= $1 ORDER BY next_at NULLS FIRST LIMIT $2
       ), taken AS (
         INSERT INTO daily_looks AS l (subject_id, next_at) SELECT subject_id, $3 FROM due ORDER BY 1
         ON CONFLICT (subject_id) DO UPDATE SET next_at = excluded.next_at WHERE l.next_at <= $1 RETURNING subject_id
       ) SELECT due.* FROM due JOIN taken USING (subject_id)`,
      [now, BATCH_MAX, new Date(now.getTime() + HOUR_MS)],
    );
    return rows;
  }

  private async look({ subject_id: id, organization_id: organizationId, domain }: Due): Promise<void> {
    const cause: Cause = { at: this.clock.now(), correlationId: uuid(), actor: 'service:organization' };
    const at = cause.at.toISOString();
    const command: SingleSignOnCommand | undefined =
      domain === null
        ? { type: 'WatchConnection', connectionId: id, at }
        : await this.judged(organizationId, id, domain, at);
    if (!command) return;
    await this.singleSignOns.carryOutAnyway(organizationId, command, cause);
    if (domain === null) await this.renew(organizationId, id, cause);
    if (domain === null) await this.guests.keepOut(organizationId, cause, cause);
    await lookAgainAt(this.pool, id, new Date(cause.at.getTime() + DAY_MS));
  }

  /** What a provider publishes of the same entity is trusted beside what it published; that it cannot be read now is no reason for anything. */
  private async renew(organizationId: string, connectionId: string, cause: Cause): Promise<void> {
    const { enforced } = (await this.singleSignOns.find(organizationId)).connections.get(connectionId) ?? {};
    if (enforced?.configuration.protocol !== 'saml' || enforced.configuration.metadataUrl === undefined) return;
    const { entityId, certificates: known, metadataUrl } = enforced.configuration;
    const published = await this.metadata.at(metadataUrl).catch((error: unknown) => {
      this.logger.info({ ...errorFields(error), connectionId }, 'the metadata of a provider cannot be read');
    });
    if (published?.entityId !== entityId) return;
    const { certificates } = readCertificates(published.certificates);
    const { certificatesEndAt } = readCertificates([...certificates, ...known]);
    await this.singleSignOns.carryOutAnyway(
      organizationId,
      { type: 'TrustCertificates', connectionId, certificates, certificatesEndAt },
      cause,
      async (tx, { state }) => {
        const { newest, enforced: follows } = connectionOf(state, connectionId);
        await this.secrets.keep(
          tx,
          connectionId,
          follows?.n ?? 0,
          await this.secrets.open(tx, connectionId, enforced.n),
        );
        await forgetSecrets(tx, connectionId, [newest?.n ?? 0, follows?.n ?? 0]);
      },
    );
  }

  /** Undefined where DNS says nothing. */
  private async judged(
    organizationId: string,
    domainId: string,
    domain: string,
    at: string,
  ): Promise<SingleSignOnCommand | undefined> {
    const { token = '' } = (await this.singleSignOns.find(organizationId)).domains.get(domainId) ?? {};
    const proof = await this.proofs.look(domain, token);
    if (proof === 'unanswered') return undefined;
    return { type: proof === 'missing' ? 'MissDomain' : 'SeeDomain', domainId, at };
  }
}
