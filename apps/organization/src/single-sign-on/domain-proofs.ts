import { SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Resolver } from 'node:dns/promises';
import type { OrganizationConfig } from '../config.ts';

/** `missing`: DNS says that there is no such proof. `unanswered`: it says nothing, which proves nothing either way. */
export type Proof = 'proved' | 'missing' | 'unanswered';

/** What has to stand in DNS so that a domain is proved. */
export const proofOf = (domain: string, token: string) => ({
  recordName: `_rollcall.${domain}`,
  recordValue: `rollcall-domain=${token}`,
});

/** Where proofs of domains are looked for. */
export abstract class DomainProofs {
  abstract look(domain: string, token: string): Promise<Proof>;
}

/** TXT records, at the servers of the configuration or those of the system. */
@Injectable()
export class DnsDomainProofs extends DomainProofs {
  private readonly resolver = new Resolver({ timeout: 2_000, tries: 2 });

  constructor(@Inject(SERVICE_CONFIG) { ssoDnsServers }: OrganizationConfig) {
    super();
    if (ssoDnsServers !== undefined) this.resolver.setServers(ssoDnsServers.split(','));
  }

  async look(domain: string, token: string): Promise<Proof> {
    const { recordName, recordValue } = proofOf(domain, token);
    try {
      // A text longer than 255 bytes comes in parts.
      const texts = await this.resolver.resolveTxt(recordName);
      return texts.some((parts) => parts.join('') === recordValue) ? 'proved' : 'missing';
    } catch (error) {
      return saysNo(error) ? 'missing' : 'unanswered';
    }
  }
}

/** NXDOMAIN, and no TXT record at the name. */
const saysNo = (error: unknown) =>
  error instanceof Error && 'code' in error && ['ENOTFOUND', 'ENODATA'].includes(String(error.code));
