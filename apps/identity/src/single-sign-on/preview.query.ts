import type { identity } from '#contracts';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { AddressBook } from '../email-address/address-book.ts';
import { AT_HOME } from '../governance/governance.query.ts';

const SHOWN = 100;

/** Whom enforcing a connection would hold to what, by where their addresses lie now. */
@Injectable()
export class Preview {
  constructor(
    private readonly pool: Pool,
    private readonly addresses: AddressBook,
  ) {}

  async of({
    organizationId,
    breakGlassAccountId,
    guests,
  }: identity.PreviewRequest): Promise<identity.PreviewResponse> {
    const { rows } = await this.pool.query<{ kind: keyof identity.PreviewResponse; count: number; ids: string[] }>(
      `SELECT kind, count(*)::int AS count, (array_agg(account_id ORDER BY account_id))[1:$5] AS ids FROM (
         SELECT m.account_id, CASE
             WHEN ${AT_HOME}
               THEN CASE WHEN m.account_id = $3 THEN 'breakGlass' ELSE 'governed' END
             WHEN $4 = 'none' OR NOT a.multi_factor THEN 'heldBack' ELSE 'guests' END AS kind
           FROM organization_members m JOIN accounts a USING (account_id) WHERE m.organization_id = $2) AS members
       GROUP BY kind`,
      [this.addresses.domainKey, organizationId, breakGlassAccountId ?? null, guests, SHOWN],
    );
    const of = (kind: keyof identity.PreviewResponse) => {
      const found = rows.find((row) => row.kind === kind);
      return { count: found?.count ?? 0, accountIds: found?.ids ?? [] };
    };
    return { governed: of('governed'), guests: of('guests'), heldBack: of('heldBack') };
  }

  /** Members whose addresses lie elsewhere: a part of them in the order of their ids, after one. */
  async guestsOf(organizationId: string, after: string | undefined, limit: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ account_id: string }>(
      `SELECT m.account_id FROM organization_members m
        WHERE m.organization_id = $2 AND ($3::uuid IS NULL OR m.account_id > $3) AND NOT ${AT_HOME} ORDER BY m.account_id LIMIT $4`,
      [this.addresses.domainKey, organizationId, after ?? null, limit],
    );
    return rows.map((row) => row.account_id);
  }
}
