import { openAny, seal, type Sql, type Tx } from '#event-sourcing';
import { HOUR_MS, type Housework, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationConfig } from '../config.ts';
import { type Seals, sealsOf } from '../seals.ts';

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

/** Secrets stay, and so would the oldest key of the ring: what an older one has sealed is sealed again by the first. */
export function resealing(config: Pick<OrganizationConfig, 'installationKey'>): Housework {
  const { keys, first } = sealsOf(config, PURPOSE);
  return {
    name: 'connection_secrets',
    everyMs: HOUR_MS,
    work: async (sql, _now, limit) => {
      const { rows } = await sql.query<{ connection_id: string; n: number; sealed: Buffer }>(
        'SELECT connection_id, n, sealed FROM connection_secrets WHERE sealed_by <> $1 LIMIT $2',
        [first, limit],
      );
      for (const { connection_id: connectionId, n, sealed } of rows)
        await sql.query(
          'UPDATE connection_secrets SET sealed = $3, sealed_by = $4 WHERE connection_id = $1 AND n = $2',
          [
            connectionId,
            n,
            seal(keys[0], bound(connectionId, n), openAny(keys, bound(connectionId, n), sealed)),
            first,
          ],
        );
      return rows.length;
    },
  };
}

const bound = (connectionId: string, n: number) => `connection|${connectionId}|${n}`;
