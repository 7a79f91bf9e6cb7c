import { createHash } from 'node:crypto';
import type { organization } from '#contracts';
import { type CallContext, parseBody, Peers, Problem, SERVICE_CONFIG } from '#platform';
import { Controller, Delete, Get, Header, HttpCode, Inject, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { required } from '../account/views.ts';
import type { GatewayConfig } from '../config.ts';
import { DECIDED_MS } from '../edge/ask.ts';
import { LookUps } from '../gate/look-ups.ts';
import { bytesOf, LIMITS } from '../http/body.ts';
import { SCIM } from '../http/problem-reply.ts';
import { read } from '../http/read.ts';
import { PROVIDER_CONFIG, RESOURCE_TYPES, SCHEMAS, USER } from './scim-schemas.ts';

const BODY_MAX = 65_536;
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const TOKEN = /^bearer +(rcscim_[\w-]{43})$/i;
const TYPES = new Set(['application/scim+json', 'application/json']);
const whole = z.coerce.number().int().min(-2_147_483_648).max(2_147_483_647);
const query = z.object({ filter: z.string().optional(), startIndex: whole.default(1), count: whole.default(100) });

/** SCIM 2.0 (RFC 7643, 7644) for the people of a connection: what providers ask is read and judged by organization, whose tokens they show. */
@Controller('/scim/v2')
export class ScimController {
  /** As for keys: invented tokens cannot starve good ones. */
  private readonly lookUps = new LookUps();

  constructor(
    private readonly peers: Peers,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get('ServiceProviderConfig')
  @Header('content-type', SCIM)
  provider() {
    return PROVIDER_CONFIG;
  }

  @Get('ResourceTypes')
  @Header('content-type', SCIM)
  types() {
    return listOf(RESOURCE_TYPES);
  }

  @Get('Schemas')
  @Header('content-type', SCIM)
  schemas() {
    return listOf(SCHEMAS);
  }

  @Post('Users')
  @HttpCode(201)
  @RouteConfig({ bodyMax: BODY_MAX })
  @Header('content-type', SCIM)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const user = this.view(
      await this.asked(request, (tokenDigest, context) =>
        this.provisioning.createUser({ tokenDigest, body: bodyOf(request) }, context),
      ),
    );
    void reply.header('location', user.meta.location);
    return user;
  }

  @Get('Users')
  @Header('content-type', SCIM)
  async list(@Req() request: FastifyRequest) {
    const { filter, startIndex, count } = read(query, request.query, 'query');
    const { total, items } = await this.asked(request, (tokenDigest, context) =>
      this.provisioning.listUsers(
        { tokenDigest, startIndex, count, ...(filter === undefined ? {} : { filter }) },
        context,
      ),
    );
    return listOf(
      items.map((item) => this.view(item)),
      total,
      Math.max(startIndex, 1),
    );
  }

  @Get('Users/:id')
  @Header('content-type', SCIM)
  async get(@Req() request: FastifyRequest, @Param('id') userId: string) {
    return this.view(
      await this.asked(request, (tokenDigest, context) => this.provisioning.getUser({ tokenDigest, userId }, context)),
    );
  }

  @Put('Users/:id')
  @RouteConfig({ bodyMax: BODY_MAX })
  @Header('content-type', SCIM)
  replace(@Req() request: FastifyRequest, @Param('id') userId: string) {
    return this.changed(request, (tokenDigest, context) =>
      this.provisioning.replaceUser({ tokenDigest, userId, body: bodyOf(request) }, context),
    );
  }

  @Patch('Users/:id')
  @RouteConfig({ bodyMax: BODY_MAX })
  @Header('content-type', SCIM)
  patch(@Req() request: FastifyRequest, @Param('id') userId: string) {
    return this.changed(request, (tokenDigest, context) =>
      this.provisioning.patchUser({ tokenDigest, userId, body: bodyOf(request) }, context),
    );
  }

  @Delete('Users/:id')
  @HttpCode(204)
  async remove(@Req() request: FastifyRequest, @Param('id') userId: string) {
    requireEnforced(
      await this.asked(request, (tokenDigest, context) =>
        this.provisioning.deleteUser({ tokenDigest, userId }, context),
      ),
    );
  }

  private async changed(
    request: FastifyRequest,
    change: (tokenDigest: string, context: CallContext) => Promise<organization.EnforcedScimUser>,
  ) {
    const answer = await this.asked(request, change);
    requireEnforced(answer);
    return this.view(required(answer.user, 'user'));
  }

  private get provisioning() {
    return this.peers.of('organization', 'Provisioning');
  }

  private asked<T>(
    request: FastifyRequest,
    work: (tokenDigest: string, context: CallContext) => Promise<T>,
  ): Promise<T> {
    const digest = tokenDigestOf(request);
    const context = { correlationId: request.id, actor: 'service:gateway', timeoutMs: DECIDED_MS };
    return this.lookUps.take(request.ip, () => work(digest, context));
  }

  private view({ userId, attributes, createdAt, changedAt }: organization.ScimUser) {
    return {
      schemas: [USER],
      id: userId,
      ...(JSON.parse(attributes) as object),
      meta: {
        resourceType: 'User',
        created: createdAt,
        lastModified: changedAt,
        location: `${this.config.origin}/scim/v2/Users/${userId}`,
      },
    };
  }
}

const listOf = (resources: readonly object[], totalResults = resources.length, startIndex = 1) => ({
  schemas: [LIST],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** A provider takes success for done: what does not hold yet at every gate is asked again, and waits again. */
function requireEnforced({ enforced }: { readonly enforced: boolean }): void {
  if (!enforced)
    throw new Problem(
      'key/not-enforced',
      'It was decided and stands, but it could not be confirmed that every gateway knows. Send the same request again: it waits until that is so.',
      { retryAfterSeconds: 1 },
    );
}

/** @throws Problem `scim-token/refused`, before anybody is asked, of what cannot be a token */
function tokenDigestOf({ headers }: FastifyRequest): string {
  const [, token] = TOKEN.exec(headers.authorization ?? '') ?? [];
  if (token !== undefined) return createHash('sha256').update(token).digest('hex');
  throw new Problem(
    'scim-token/refused',
    'Send the SCIM token of the connection as "Authorization: Bearer rcscim_…". An owner of the organization makes one.',
  );
}

/** The text of a body, once it is known to be JSON of a size and depth that can be read. */
function bodyOf(request: FastifyRequest): string {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!TYPES.has(type))
    throw new Problem('request/unsupported-media-type', 'Send the body as application/scim+json or application/json.');
  const bytes = bytesOf(request);
  parseBody(bytes, LIMITS);
  return bytes.toString();
}
