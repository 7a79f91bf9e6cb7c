import { Outbound, Problem, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { IdentityConfig } from '../config.ts';
import { OpenIdConnect } from './oidc/open-id-connect.ts';
import type { EndedThere } from './oidc/logout-token.ts';
import type { Connection, Protocol } from './protocol.ts';
import { serviceMetadata } from './saml/service-metadata.ts';
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

  /** What a SAML provider is told of us: XML. @throws Problem where the connection is none of SAML's. */
  metadata(connection: Connection, origin: string): string {
    if (!connection.saml) throw new Problem('connection/unknown', 'No SAML connection has this id.');
    return serviceMetadata(origin, connection);
  }

  /** Whose sessions the provider says that it has ended. SAML's logout is none of it: its messages are refused. @throws ProviderRefused, ProviderUnavailable */
  endedThere(connection: Connection, logoutToken: string, origin: string, now: Date): Promise<EndedThere> {
    if (!connection.oidc) throw new Problem('connection/unknown', 'This connection takes no logout tokens.');
    return this.openIdAt(origin).endedThere(connection, logoutToken, now);
  }

  /** One for each origin: it keeps what providers say of themselves. */
  private openIdAt(origin: string): OpenIdConnect {
    const kept = this.openId.get(origin) ?? new OpenIdConnect(origin, this.outbound);
    this.openId.set(origin, kept);
    return kept;
  }
}
