import { randomBytes } from 'node:crypto';
import type { organization as proto } from '#contracts';
import { Refused } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, onward, Problem, type Rpc, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { v7 as uuid } from 'uuid';
import { Enforcement } from '../organization/enforcement.client.ts';
import { Organizations } from '../organization/organizations.service.ts';
import { claimable } from '../single-sign-on/domain-name.ts';
import { DomainProofs, proofOf } from '../single-sign-on/domain-proofs.ts';
import { domainUnknown } from '../single-sign-on/domains.decider.ts';
import { domainView } from '../single-sign-on/single-sign-on.view.ts';
import { Guests } from './guests.service.ts';
import { SingleSignOns } from './single-sign-ons.service.ts';

const CLAIM_MS = 30 * 86_400_000;

export type Owning = Pick<
  Controller<proto.SingleSignOn>,
  'claimDomain' | 'listDomains' | 'verifyDomain' | 'releaseDomain'
>;

/** What owners do with domains. */
@NestController()
@CallableBy('gateway')
export class DomainsController implements Owning {
  constructor(
    private readonly clock: Clock,
    private readonly organizations: Organizations,
    private readonly singleSignOns: SingleSignOns,
    private readonly proofs: DomainProofs,
    private readonly enforcement: Enforcement,
    private readonly guests: Guests,
  ) {}

  @GrpcMethod('SingleSignOn')
  async claimDomain(
    { callerId, organizationId, domain: text }: proto.ClaimDomainRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Domain> {
    const domain = claimable(text);
    const cause = causeOf(call, this.clock);
    const handled = await this.singleSignOns.carryOut(
      callerId,
      organizationId,
      {
        type: 'ClaimDomain',
        domainId: uuid(),
        domain,
        token: randomBytes(24).toString('base64url'),
        at: cause.at.toISOString(),
        expiresAt: new Date(cause.at.getTime() + CLAIM_MS).toISOString(),
      },
      cause,
    );
    tellSeen(call, handled);
    const [found] = handled.state.domains.entries().filter(([, known]) => known.domain === domain);
    return domainView(organizationId, found?.[0] ?? '', handled.state);
  }

  @GrpcMethod('SingleSignOn')
  async listDomains({ callerId, organizationId }: proto.OrganizationRequest): Promise<proto.ListDomainsResponse> {
    await this.organizations.asOwner(callerId, organizationId);
    const state = await this.singleSignOns.find(organizationId);
    const ids = state.domains.entries().map(([domainId]) => domainId);
    return { items: ids.sort().map((domainId) => domainView(organizationId, domainId, state)) };
  }

  @GrpcMethod('SingleSignOn')
  async verifyDomain(
    { callerId, domainId }: proto.DomainRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.EnforcedDomain> {
    const organizationId = await this.singleSignOns.ofDomain(callerId, domainId);
    const found = (await this.singleSignOns.find(organizationId)).domains.get(domainId);
    if (!found) throw new Refused(domainUnknown);
    const { domain, token } = found;
    await this.requireProof(domain, token);
    const cause = causeOf(call, this.clock);
    const handled = await this.singleSignOns.prove(
      callerId,
      organizationId,
      { type: 'ProveDomain', domainId, domain, by: 'dns', at: cause.at.toISOString() },
      cause,
    );
    tellSeen(call, handled);
    return {
      domain: domainView(organizationId, domainId, handled.state),
      enforced:
        (await this.enforcement.forSingleSignOn(handled, onward(call))) &&
        (await this.guests.keepOut(organizationId, cause, onward(call))),
    };
  }

  @GrpcMethod('SingleSignOn')
  async releaseDomain(
    { callerId, domainId }: proto.DomainRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Enforced> {
    const organizationId = await this.singleSignOns.ofDomain(callerId, domainId);
    const handled = await this.singleSignOns.carryOut(
      callerId,
      organizationId,
      { type: 'ReleaseDomain', domainId },
      causeOf(call, this.clock),
    );
    tellSeen(call, handled);
    return {
      enforced:
        (await this.enforcement.forSingleSignOn(handled, onward(call))) &&
        (await this.guests.keepOut(organizationId, causeOf(call, this.clock), onward(call))),
    };
  }

  private async requireProof(domain: string, token: string): Promise<void> {
    const proof = await this.proofs.look(domain, token);
    if (proof === 'proved') return;
    const { recordName, recordValue } = proofOf(domain, token);
    throw new Problem(
      'domain/not-proved',
      proof === 'missing'
        ? `DNS has no TXT record ${recordName} with the value ${recordValue} yet. Set it, wait until your DNS shows it, then verify the domain again.`
        : `DNS does not answer for ${recordName} now, which says nothing about the record. Try again in some minutes.`,
    );
  }
}
