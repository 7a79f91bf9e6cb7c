import 'reflect-metadata';
import type { GrpcOwner } from '#contracts';
import { GRPC_PACKAGES } from '#contracts';
import { ReflectionService } from '@grpc/reflection';
import type { DynamicModule, INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type GrpcOptions, Transport } from '@nestjs/microservices';
import type { z } from 'zod';
import type { Server } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { LOADER, protoFiles } from '../rpc/grpc-definition.ts';
import { NestLogger } from '../base/logger.ts';
import { observeCalls } from '../rpc/calls.ts';
import { serverCredentials, tellTurnedAway } from '../rpc/tls-credentials.ts';
import { ServiceHealth } from './service-health.ts';
import type { ReadModels } from '../parts/read-models.ts';
import type { ServiceContext, ServiceParts } from '../parts/service-parts.ts';

/** The databases of a configuration: as their owner sees them or, where there is none, as the service does. */
export type OwnerOf<C> = Pick<C, keyof C & `owner${string}DatabaseUrl`> &
  Partial<Pick<C, keyof C & `${string}atabaseUrl`>>;

/** A service as its starter sees it. */
export interface ServiceDefinition<C extends ServiceContext['config'] = ServiceContext['config']> {
  readonly name: GrpcOwner;
  readonly config: z.ZodObject & z.ZodType<C>;
  /** Brings its schema up to date, as the owner of its databases; doing it again changes nothing. @throws where there is no owner and it is not. */
  readonly migrate: (config: OwnerOf<C>) => Promise<void>;
  readonly module: (floor: ServiceContext<C>) => DynamicModule;
  /** What can be made again, for commands that do so. */
  readonly readModels: ReadModels;
  /** `outbox.ts`, for commands that publish again. */
  readonly publish: ServiceParts['publish'];
}

export interface RunningService {
  readonly name: GrpcOwner;
  readonly app: INestMicroservice;
  stop(): Promise<void>;
}

/** Migrates, answers gRPC, follows log and bus. @throws when the database or the port cannot be had. */
export async function startService<C extends ServiceContext['config']>(
  service: ServiceDefinition<C>,
  floor: ServiceContext<C>,
  options: { reflection?: boolean } = {},
): Promise<RunningService> {
  await service.migrate(floor.config);
  const started: { health?: ServiceHealth; server?: Server } = {};
  const grpc: GrpcOptions = {
    transport: Transport.GRPC,
    options: {
      url: floor.config.grpcAddress,
      package: [...GRPC_PACKAGES[service.name]],
      protoPath: protoFiles(service.name),
      loader: LOADER,
      credentials: serverCredentials(floor.config, floor.logger),
      gracefulShutdown: true,
      channelOptions: { interceptors: [observeCalls(service.name)] },
      maxReceiveMessageLength: 64 * 2 ** 20,
      maxSendMessageLength: 64 * 2 ** 20,
      onLoadPackageDefinition: (definition: PackageDefinition, server: Server) => {
        started.server = server;
        started.health?.implementation.addToServer(server);
        if (options.reflection) new ReflectionService(definition).addToServer(server);
      },
    },
  };
  const app = await NestFactory.createMicroservice<GrpcOptions>(service.module(floor), {
    ...grpc,
    logger: new NestLogger(floor.logger),
    abortOnError: false,
  });
  started.health = app.get(ServiceHealth);
  await app.listen();
  if (started.server) tellTurnedAway(started.server, floor.logger);
  await started.health.begin();
  return { name: service.name, app, stop: () => app.close() };
}
