import { Peers, Problem, SERVICE_CONFIG } from '#platform';
import { Controller, Get, Header, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { GatewayConfig } from '../config.ts';
import { addressOf } from '../http/address.ts';
import { bytesOf } from '../http/body.ts';
import { CONSOLE_FILES, type ConsoleFile } from '../console/console-files.ts';
import { CONSOLE_POLICY } from '../console/serve-console.ts';
import { PROVIDER_MS } from './single-sign-on.controller.ts';

const HTML = ['content-type', 'text/html; charset=utf-8'] as const;
const BODY_MAX = 512_000;
const connection = z.uuid();
const base64 = z.string().regex(/^[A-Za-z0-9+/=\s]{1,480000}$/);
const relay = z.string().regex(/^[\w-]{0,200}$/);

/**
 * What a provider posts and asks. What it posts is judged by nobody here and changes nothing: a browser that comes from another site brings no
 * cookie of ours along, so it is answered the console's page, which asks us anew, from here.
 */
@Controller('/sso')
export class ProviderPagesController {
  private readonly page: string | undefined;

  constructor(
    private readonly peers: Peers,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
    @Inject(CONSOLE_FILES) files: ReadonlyMap<string, ConsoleFile>,
  ) {
    this.page = files.get('/index.html')?.bytes.toString();
  }

  /** What the provider posts is echoed into the page, once it is known to be nothing but base64. */
  @Post(':id/acs')
  @HttpCode(200)
  @RouteConfig({ bodyMax: BODY_MAX })
  @Header(...HTML)
  @Header('cache-control', 'no-store')
  @Header('content-security-policy', CONSOLE_POLICY)
  consume(@Param('id') id: string, @Req() request: FastifyRequest) {
    const form = formOf(request);
    const saml = base64.safeParse(form.get('SAMLResponse')).data;
    const state = relay.safeParse(form.get('RelayState') ?? '').data;
    if (saml === undefined || state === undefined)
      throw new Problem('request/invalid', 'An identity provider posts SAMLResponse, in base64, and RelayState.');
    idOf(id);
    if (this.page === undefined) throw new Problem('request/not-found', 'The console was not built.');
    // Neither alphabet has a character that ends an attribute.
    return this.page.replace(
      '</head>',
      `<meta name="rollcall-posted" data-saml="${saml}" data-relay="${state}" /></head>`,
    );
  }

  @Get(':id/metadata')
  @Header('content-type', 'application/samlmetadata+xml')
  async metadata(@Param('id') id: string, @Req() request: FastifyRequest) {
    const { origin } = this.config;
    const { xml } = await this.peers
      .of('identity', 'SingleSignOn')
      .getMetadata({ connectionId: idOf(id), origin }, contextOf(request));
    return xml;
  }

  /** OpenID Connect Back-Channel Logout 1.0 §2.5: the provider itself asks, no browser. */
  @Post(':id/logout')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async logout(@Param('id') id: string, @Req() request: FastifyRequest) {
    const logoutToken = formOf(request).get('logout_token') ?? '';
    await this.peers
      .of('identity', 'SingleSignOn')
      .endByProvider(
        { connectionId: idOf(id), logoutToken, origin: this.config.origin },
        { ...contextOf(request), timeoutMs: PROVIDER_MS },
      );
    return '';
  }
}

/** An id that cannot be one names nothing: the same answer as for any unknown connection. */
function idOf(id: string): string {
  if (!connection.safeParse(id).success)
    throw new Problem('connection/unknown', 'There is no connection with this id.');
  return id;
}

function formOf(request: FastifyRequest): URLSearchParams {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    throw new Problem('request/unsupported-media-type', `${addressOf(request)} takes a form.`);
  return new URLSearchParams(bytesOf(request).toString('latin1'));
}

const contextOf = ({ id }: FastifyRequest) => ({ correlationId: id, actor: 'service:gateway' });
