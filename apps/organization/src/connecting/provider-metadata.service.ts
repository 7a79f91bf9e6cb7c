import {
  Outbound,
  OutboundFailed,
  Problem,
  samlProvider,
  type SamlProvider,
  SERVICE_CONFIG,
  UnusableSamlMetadata,
} from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { OrganizationConfig } from '../config.ts';

/** What SAML providers say of themselves, from a text or from where they publish it. */
@Injectable()
export class ProviderMetadata implements BeforeApplicationShutdown {
  private readonly outbound: Outbound;

  constructor(@Inject(SERVICE_CONFIG) { ssoPrivateHosts }: OrganizationConfig) {
    this.outbound = new Outbound({ privateHosts: ssoPrivateHosts });
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.outbound.close();
  }

  /** @throws Problem that says why it cannot be used */
  async at(url: string): Promise<SamlProvider> {
    try {
      return this.of(await this.outbound.getText(url), '/metadataUrl');
    } catch (error) {
      if (!(error instanceof OutboundFailed)) throw error;
      throw refused(error.message, '/metadataUrl');
    }
  }

  /** @throws Problem that says why it cannot be used */
  of(text: string, pointer = '/metadata'): SamlProvider {
    try {
      return samlProvider(Buffer.from(text));
    } catch (error) {
      if (!(error instanceof UnusableSamlMetadata)) throw error;
      throw refused(error.message, pointer);
    }
  }
}

const refused = (detail: string, pointer: string) =>
  new Problem('request/invalid', detail, { fields: [{ pointer, detail }] });
