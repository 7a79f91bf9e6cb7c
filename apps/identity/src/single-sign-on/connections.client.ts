import type { organization } from '#contracts';
import { type CallContext, Peers } from '#platform';
import { Injectable } from '@nestjs/common';
import type { Connection, OidcSettings, SamlSettings } from './protocol.ts';

const KEPT_MAX = 1_000;

/** Connections with their secrets, asked of organization once per configuration: one never changes, so what is kept asks nobody. */
@Injectable()
export class Connections {
  private readonly kept = new Map<string, Connection>();

  constructor(private readonly peers: Peers) {}

  /** @throws Problem `connection/unknown`; `service/unavailable` where it is not kept and organization is away. */
  async open(connectionId: string, n: number, context: CallContext): Promise<Connection> {
    const kept = this.kept.get(keyOf({ connectionId, n }));
    if (kept) return kept;
    return this.keep(await this.ask(connectionId, n, context));
  }

  /** The newest configuration as organization has it now; to open it asks nobody afterwards. */
  async newest(connectionId: string, context: CallContext): Promise<organization.OpenedConnection> {
    const opened = await this.ask(connectionId, undefined, context);
    this.keep(opened);
    return opened;
  }

  private keep(opened: organization.OpenedConnection): Connection {
    const connection = connectionOf(opened);
    if (this.kept.size >= KEPT_MAX) this.kept.clear();
    this.kept.set(keyOf(connection), connection);
    return connection;
  }

  private ask(connectionId: string, n: number | undefined, context: CallContext) {
    return this.peers
      .of('organization', 'SingleSignOn')
      .openConnection({ connectionId, ...(n === undefined ? {} : { n }) }, context);
  }
}

const keyOf = ({ connectionId, n }: Pick<Connection, 'connectionId' | 'n'>) => `${connectionId} ${String(n)}`;

const connectionOf = ({ connectionId, organizationId, n, oidc, saml }: organization.OpenedConnection): Connection => ({
  connectionId,
  organizationId,
  n,
  oidc: oidc?.client && {
    issuer: oidc.client.issuer,
    clientId: oidc.client.clientId,
    clientSecret: oidc.clientSecret,
    clientAuthentication: oidc.client.clientAuthentication as OidcSettings['clientAuthentication'],
  },
  saml:
    saml?.provider &&
    ({
      entityId: saml.provider.entityId,
      signInUrl: saml.provider.signInUrl,
      certificates: saml.provider.certificates,
      subjectAttribute: saml.provider.subjectAttribute ?? undefined,
      emailAttribute: saml.provider.emailAttribute ?? undefined,
      privateKey: saml.privateKey,
      certificate: saml.provider.certificate,
    } satisfies SamlSettings),
});
