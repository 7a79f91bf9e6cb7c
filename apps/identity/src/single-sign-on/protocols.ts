import { Outbound, Problem, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { IdentityConfig } from '../config.ts';
import { OpenIdConnect } from './oidc/open-id-connect.ts';
import type { Connection, Protocol } from './protocol.ts';
import { saml } from './saml/saml.ts';

/** The protocol of each connection, for the origin at which people meet the installation. */
@Injectable()
export class Protocols {
  private readonly outbound: Outbound;
  private readonly openId = new Map<string, OpenIdConnect>();

  constructor(@Inject(SERVICE_CONFIG) config: IdentityConfig) {
    this.outbound = new Outbound({ privateHosts: config.ssoPrivateHosts });
  }

  of({ oidc }: Connection, origin: string): Protocol {
    return oidc ? this.openIdAt(origin) : saml(origin);
  }

  /** One for each origin: it keeps what providers say of themselves. */
  private openIdAt(origin: string): OpenIdConnect {
    const kept = this.openId.get(origin) ?? new OpenIdConnect(origin, this.outbound);
    this.openId.set(origin, kept);
    return kept;
  }
}
