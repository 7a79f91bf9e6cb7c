import { OutboundFailed, type Outbound } from '#platform';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { ProviderUnavailable } from '../protocol.ts';

const KEPT_MS = 10 * 60_000;

const KEPT_MAX = 1_000;
const text = z.string().max(2_000);
const names = z.array(z.string().max(100)).max(100);

/** What a provider says of itself (OpenID Connect Discovery 1.0 §3), as far as a sign-in needs it. */
const providerMetadata = z.object({
  issuer: text,
  authorization_endpoint: text,
  token_endpoint: text,
  jwks_uri: text,
  userinfo_endpoint: text.exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
  id_token_signing_alg_values_supported: names.exactOptional(),
  userinfo_signing_alg_values_supported: names.exactOptional(),
});
export type ProviderMetadata = z.output<typeof providerMetadata>;

/** RFC 7517 §5. */
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Providers as they describe themselves, each asked once in ten minutes. */
export class Discovery {
  private readonly known = new Map<string, { readonly metadata: ProviderMetadata; readonly until: number }>();

  constructor(private readonly outbound: Outbound) {}

  /** @throws ProviderUnavailable */
  async of(issuer: string, now: Date): Promise<ProviderMetadata> {
    const kept = this.known.get(issuer);
    if (kept && kept.until > now.getTime()) return kept.metadata;
    const metadata = await this.asked(issuer);
    if (this.known.size >= KEPT_MAX) this.known.clear();
    this.known.set(issuer, { metadata, until: now.getTime() + KEPT_MS });
    return metadata;
  }

  /** The keys that are there now: one that was changed is looked for where it stands. @throws ProviderUnavailable */
  keys(uri: string): Promise<JSONWebKeySet> {
    return this.read(uri, (stated) => keySet.parse(stated) as JSONWebKeySet);
  }

  private asked(issuer: string): Promise<ProviderMetadata> {
    return this.read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, (stated) => {
      const metadata = providerMetadata.parse(stated);
      // Whoever answers for another issuer would have their tokens taken for that one's.
      if (!isSame(metadata.issuer, issuer))
        throw new ProviderUnavailable('the provider says that it is another issuer');
      const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint = jwks_uri } = metadata;
      for (const endpoint of [authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint])
        this.outbound.judge(endpoint);
      return metadata;
    });
  }

  private async read<T>(url: string, parse: (stated: unknown) => T): Promise<T> {
    try {
      return parse(JSON.parse(await this.outbound.getText(url)));
    } catch (error) {
      if (error instanceof ProviderUnavailable) throw error;
      throw new ProviderUnavailable(
        error instanceof OutboundFailed
          ? error.message
          : 'the provider does not describe itself as OpenID providers do',
      );
    }
  }
}

/** People type an issuer with or without the slash of the root. */
const isSame = (stated: string, configured: string) =>
  URL.canParse(stated) && URL.canParse(configured) && new URL(stated).href === new URL(configured).href;
