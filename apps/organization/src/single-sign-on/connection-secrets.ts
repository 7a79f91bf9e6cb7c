import { openAny, seal, type Sql, type Tx } from '#event-sourcing';
import { type SealedRows, type Seals, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationConfig } from '../config.ts';
import { sealsOf } from '../seals.ts';

/** What a configuration keeps to itself: the client's secret (OpenID Connect), or the key of our certificate (SAML, PEM). */
export interface Secrets {
  readonly clientSecret?: string;
  readonly privateKey?: string;
}

const PURPOSE = 'connection-secrets';

/** The secrets of connections: sealed rows beside the log, gone with their configuration. */
@Injectable()
export class ConnectionSecrets {
  private readonly seals: Seals;

  constructor(@Inject(SERVICE_CONFIG) config: OrganizationConfig) {
    this.seals = sealsOf(config, PURPOSE);
  }

  async keep(sql: Sql, connectionId: string, n: number, secrets: Secrets): Promise<void> {
    const { keys, first } = this.seals;
    const sealed = seal(keys[0], bound(connectionId, n), Buffer.from(JSON.stringify(secrets)));
    await sql.query('INSERT INTO connection_secrets (connection_id, n, sealed, sealed_by) VALUES ($1, $2, $3, $4)', [
      connectionId,
      n,
      sealed,
      first,
    ]);
  }

  /** @throws where there are none, though the log tells of the configuration */
  async open(sql: Sql, connectionId: string, n: number): Promise<Secrets> {
    const { rows } = await sql.query<{ sealed: Buffer }>(
      'SELECT sealed FROM connection_secrets WHERE connection_id = $1 AND n = $2',
      [connectionId, n],
    );
    if (!rows[0]) throw new Error(`configuration ${n} of connection ${connectionId} has lost its secrets`);
    return JSON.parse(openAny(this.seals.keys, bound(connectionId, n), rows[0].sealed).toString()) as Secrets;
  }
}

/** All but those of these configurations. */
export async function forgetSecrets(tx: Tx, connectionId: string, but: readonly number[]): Promise<void> {
  await tx.query('DELETE FROM connection_secrets WHERE connection_id = $1 AND n <> ALL($2::int[])', [
    connectionId,
    but,
  ]);
}

export const sealedSecrets = (config: Pick<OrganizationConfig, 'installationKey'>): SealedRows => ({
  purpose: 'seals',
  table: 'connection_secrets',
  id: ['connection_id', 'n'],
  bound: ([connectionId = '', n]) => bound(connectionId, Number(n)),
  seals: sealsOf(config, PURPOSE),
});

const bound = (connectionId: string, n: number) => `connection|${connectionId}|${n}`;
