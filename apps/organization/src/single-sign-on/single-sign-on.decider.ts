import { type Decider, PersistentMap } from '#event-sourcing';
import {
  announceTurnOff,
  configure,
  draft,
  enforce,
  makeScimToken,
  recordBreakGlass,
  recordTest,
  removeConnection,
  revokeScimToken,
  settle,
  trust,
  turnOff,
  UNSETTLED,
  watch,
} from './connections.decider.ts';
import { claim, domainTaken, miss, prove, release, see, yieldDomain } from './domains.decider.ts';
import type {
  Connection,
  Domain,
  SingleSignOn,
  SingleSignOnCommand,
  SingleSignOnEvent,
  SingleSignOnProblem,
} from './vocabulary.decider.ts';

/** How an organization's people sign in: its connections, its domains, and which connection is enforced. Its id is the organization's. */
export const singleSignOn: Decider<SingleSignOnCommand, SingleSignOn, SingleSignOnEvent, SingleSignOnProblem> = {
  category: 'single-sign-on',
  initial: { connections: new PersistentMap<Connection>(), domains: new PersistentMap<Domain>() },
  decide(command, state) {
    switch (command.type) {
      case 'DraftConnection':
        return draft(command, state);
      case 'ConfigureConnection':
        return configure(command, state);
      case 'SettleConnection':
        return settle(command, state);
      case 'RecordTest':
        return recordTest(command, state);
      case 'Enforce':
        return enforce(command, state);
      case 'TurnOff':
        return turnOff(command, state);
      case 'RemoveConnection':
        return removeConnection(command, state);
      case 'AnnounceTurnOff':
        return announceTurnOff(command, state);
      case 'WatchConnection':
        return watch(command, state);
      case 'TrustCertificates':
        return trust(command, state);
      case 'RecordBreakGlass':
        return recordBreakGlass(command, state);
      case 'MakeScimToken':
        return makeScimToken(command, state);
      case 'RevokeScimToken':
        return revokeScimToken(command, state);
      case 'ClaimDomain':
        return claim(command, state);
      case 'ProveDomain':
        return prove(command, state);
      case 'SeeDomain':
        return see(command, state);
      case 'MissDomain':
        return miss(command, state);
      case 'ReleaseDomain':
        return release(command, state);
      case 'YieldDomain':
        return yieldDomain(command, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'ConnectionDrafted':
        return withConnection(state, event.data.connectionId, {
          name: event.data.name,
          newest: undefined,
          enforced: undefined,
          tested: undefined,
          settings: UNSETTLED,
          off: false,
          endsAt: undefined,
          told: undefined,
          scimTokens: new PersistentMap<string>(),
        });
      case 'ConnectionConfigured': {
        const { connectionId, n, configuration } = event.data;
        return changed(state, connectionId, { newest: { n, configuration }, tested: undefined });
      }
      case 'ConnectionSettled': {
        const { connectionId, ...settings } = event.data;
        return changed(state, connectionId, { settings });
      }
      case 'ConnectionTested': {
        const { connectionId, at, fresh } = event.data;
        return changed(state, connectionId, { tested: { at, fresh } });
      }
      case 'SingleSignOnEnforced': {
        const { connectionId, n } = event.data;
        const connection = state.connections.get(connectionId);
        const enforced = [connection?.newest, connection?.enforced].find((each) => each?.n === n);
        return changed(state, connectionId, { enforced, off: false, endsAt: undefined });
      }
      case 'SingleSignOnTurnedOff':
        // What was good once may be so no longer: another test comes first.
        return changed(state, event.data.connectionId, {
          enforced: undefined,
          tested: undefined,
          off: true,
          endsAt: undefined,
        });
      case 'SingleSignOnEnding':
        return changed(state, event.data.connectionId, { endsAt: event.data.dueAt });
      case 'CertificatesChanged': {
        const { connectionId, n, ...certificates } = event.data;
        const { newest, enforced } = state.connections.get(connectionId) ?? {};
        if (enforced?.configuration.protocol !== 'saml') return state;
        const follows = { n, configuration: { ...enforced.configuration, ...certificates } };
        // What an owner has configured since waits as before.
        return changed(state, connectionId, { enforced: follows, newest: newest?.n === enforced.n ? follows : newest });
      }
      case 'ConnectionRemoved':
        return { ...state, connections: state.connections.without(event.data.connectionId) };
      case 'CertificateExpiring': {
        const { connectionId, ...told } = event.data;
        return changed(state, connectionId, { told });
      }
      case 'ScimTokenMade': {
        const { connectionId, tokenId, accountId } = event.data;
        const tokens = state.connections.get(connectionId)?.scimTokens;
        return changed(state, connectionId, tokens ? { scimTokens: tokens.with(tokenId, accountId) } : {});
      }
      case 'ScimTokenRevoked': {
        const tokens = state.connections.get(event.data.connectionId)?.scimTokens;
        return changed(
          state,
          event.data.connectionId,
          tokens ? { scimTokens: tokens.without(event.data.tokenId) } : {},
        );
      }
      case 'BreakGlassUsed':
        return state;
      case 'DomainClaimed': {
        const { domainId, domain, token, expiresAt } = event.data;
        return withDomain(state, domainId, {
          domain,
          token,
          status: 'claimed',
          expiresAt,
          provedAt: undefined,
          provedBy: 'dns',
          missing: undefined,
        });
      }
      case 'DomainVerified': {
        const { domainId, at, by } = event.data;
        return changedDomain(state, domainId, { status: 'verified', provedAt: at, provedBy: by, missing: undefined });
      }
      case 'DomainMissed': {
        const { domainId, since, days } = event.data;
        return changedDomain(state, domainId, { missing: { since, days } });
      }
      case 'DomainLapsed':
        return changedDomain(state, event.data.domainId, { status: 'lapsed' });
      case 'DomainReleased':
      case 'ClaimDropped':
        return { ...state, domains: state.domains.without(event.data.domainId) };
    }
  },
  // Many may claim a domain; one has it.
  reservations: {
    takes: (event) => (event.type === 'DomainVerified' ? [{ scope: 'domain', key: event.data.domain }] : []),
    releases: (event) => (event.type === 'DomainReleased' ? [{ scope: 'domain', key: event.data.domain }] : []),
    taken: () => domainTaken,
  },
};

const withConnection = (state: SingleSignOn, id: string, connection: Connection): SingleSignOn => ({
  ...state,
  connections: state.connections.with(id, connection),
});

function changed(state: SingleSignOn, id: string, change: Partial<Connection>): SingleSignOn {
  const connection = state.connections.get(id);
  return connection ? withConnection(state, id, { ...connection, ...change }) : state;
}

const withDomain = (state: SingleSignOn, id: string, domain: Domain): SingleSignOn => ({
  ...state,
  domains: state.domains.with(id, domain),
});

function changedDomain(state: SingleSignOn, id: string, change: Partial<Domain>): SingleSignOn {
  const domain = state.domains.get(id);
  return domain ? withDomain(state, id, { ...domain, ...change }) : state;
}
