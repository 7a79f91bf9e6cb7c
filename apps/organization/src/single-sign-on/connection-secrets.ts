import { openAny, seal, type Sql, type Tx } from '#event-sourcing';
import { keyedDigest, ringOf, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationConfig } from '../config.ts';

/** What a configuration keeps to itself: the client's secret (OpenID Connect), or the key of our certificate (SAML, PEM). */
export interface Secrets {
  readonly clientSecret?: string;
  readonly privateKey?: string;
}

/** The secrets of connections: sealed rows beside the log, gone with their configuration. */
@Injectable()
export class ConnectionSecrets {
  /** The one that seals first. */
  private readonly keys: readonly [Buffer, ...Buffer[]];

  constructor(@Inject(SERVICE_CONFIG) { installationKey }: OrganizationConfig) {
    const [sealing = '', ...older] = ringOf(installationKey, 'seals');
    const derived = (key: string) => Buffer.from(keyedDigest(key, 'seal', 'connection-secrets'), 'base64url');
    this.keys = [derived(sealing), ...older.map(derived)];
  }

  async keep(tx: Tx, connectionId: string, n: number, secrets: Secrets): Promise<void> {
    await tx.query('INSERT INTO connection_secrets (connection_id, n, sealed) VALUES ($1, $2, $3)', [
      connectionId,
      n,
      seal(this.keys[0], bound(connectionId, n), Buffer.from(JSON.stringify(secrets))),
    ]);
  }

  /** @throws where there are none, though the log tells of the configuration */
  async open(sql: Sql, connectionId: string, n: number): Promise<Secrets> {
    const { rows } = await sql.query<{ sealed: Buffer }>(
      'SELECT sealed FROM connection_secrets WHERE connection_id = $1 AND n = $2',
      [connectionId, n],
    );
    if (!rows[0]) throw new Error(`configuration ${n} of connection ${connectionId} has lost its secrets`);
    return JSON.parse(openAny(this.keys, bound(connectionId, n), rows[0].sealed).toString()) as Secrets;
  }
}

/** All but those of these configurations. */
export async function forgetSecrets(tx: Tx, connectionId: string, but: readonly number[]): Promise<void> {
  await tx.query('DELETE FROM connection_secrets WHERE connection_id = $1 AND n <> ALL($2::int[])', [
    connectionId,
    but,
  ]);
}

const bound = (connectionId: string, n: number) => `connection|${connectionId}|${n}`;
