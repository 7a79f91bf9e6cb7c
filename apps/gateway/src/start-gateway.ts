import 'reflect-metadata';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import scalar from '@scalar/fastify-api-reference';
import { NestLogger, readBrand } from '#platform';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { answerClientError } from './http/client-error.ts';
import { CONSOLE_FILES } from './console/console-files.ts';
import { serveBrand } from './console/serve-brand.ts';
import { serveConsole } from './console/serve-console.ts';
import { closeAnswered } from './edge/close.ts';
import { Admission } from './edge/admission.ts';
import { BODY_MAX, guardEdge } from './edge/edge.ts';
import { observeHttp } from './http/observe-http.ts';
import { requestId } from './http/request-id.ts';
import { refuseUnreadable } from './http/unreadable.ts';
import { Activity } from './activity/activity.ts';
import { hotRoutes, SERVER_TIMES, type ServerTimes, withHotRoutes } from './gate/hot-routes.ts';
import { KeyGate } from './gate/key-gate.ts';
import { startInternal } from './internal/start-internal.ts';
import { DOCUMENTATION, DOCUMENTATION_STYLE, helmetOptions } from './pages/security-policy.ts';
import { GatewayModule, type GatewayFloor } from './gateway.module.ts';

/** Listens on `host:port`. @throws when the port cannot be had. */
export async function startGateway(
  floor: GatewayFloor,
  times: ServerTimes = SERVER_TIMES,
): Promise<{ stop(): Promise<void> }> {
  const trustProxy = floor.config.trustedProxies ?? false;
  const adapter: FastifyAdapter = new FastifyAdapter({
    genReqId: requestId,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200 },
    bodyLimit: BODY_MAX,
    frameworkErrors: refuseUnreadable,
    clientErrorHandler: answerClientError,
    trustProxy,
    serverFactory: withHotRoutes(() => hot, times),
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.register(floor), adapter, {
    bodyParser: false,
    logger: new NestLogger(floor.logger),
    abortOnError: false,
  });
  const server = adapter.getInstance();
  const gate = {
    gate: app.get(KeyGate),
    activity: app.get(Activity),
    keyPrefix: floor.config.keyPrefix,
    logger: floor.logger,
  };
  const hot = hotRoutes(gate, trustProxy);
  await hot.ready();
  server.addHook('preClose', () => hot.close());
  observeHttp(server);
  await app.register(cookie);
  await app.register(helmet, helmetOptions(floor.config));
  guardEdge(server, floor.config, app.get(Admission), floor.clock);
  serveConsole(server, app.get(CONSOLE_FILES));
  serveBrand(server, readBrand(floor.config.brand));
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      title: 'Rollcall',
      withDefaultFonts: false,
      theme: 'none',
      customCss: DOCUMENTATION_STYLE,
      favicon: '/mark.svg',
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
      telemetry: false,
    },
    hooks: {
      onRequest: (_request, reply, done) => {
        void reply.header('content-security-policy', DOCUMENTATION);
        done();
      },
    },
  });
  await app.listen(floor.config.port, floor.config.host);
  const stopInternal = await startInternal(floor.config, hot, { ...gate, times }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  return {
    stop: async () => {
      await stopInternal().finally(() => closeAnswered(server.server, () => app.close()));
    },
  };
}
