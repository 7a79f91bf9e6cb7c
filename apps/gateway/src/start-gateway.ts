import 'reflect-metadata';
import cookie from '@fastify/cookie';
import scalar from '@scalar/fastify-api-reference';
import { NestLogger } from '#platform';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuid } from 'uuid';
import { guardEdge, refuseUnreadable } from './edge/edge.ts';
import { observeHttp } from './edge/observe-http.ts';
import { GatewayModule, type GatewayFloor } from './gateway.module.ts';

/** Listens on `host:port`. @throws when the port cannot be had. */
export async function startGateway(floor: GatewayFloor): Promise<{ stop(): Promise<void> }> {
  const adapter = new FastifyAdapter({
    genReqId: () => uuid(), routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200 }, bodyLimit: 10_000_000, requestTimeout: 60_000, keepAliveTimeout: 65_000, frameworkErrors: refuseUnreadable,
    trustProxy: floor.config.trustedProxies ?? false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.register(floor), adapter, { bodyParser: false, logger: new NestLogger(floor.logger), abortOnError: false });
  const server = adapter.getInstance();
  observeHttp(server);
  await app.register(cookie);
  guardEdge(server, floor.config);
  await app.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json', title: 'Rollcall' } });
  await app.listen(floor.config.port, floor.config.host);
  return { stop: () => app.close() };
}
