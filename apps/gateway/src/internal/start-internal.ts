import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { type InternalFloor, internalServer } from './internal-server.ts';

/** Listens for services of the platform, as far as the configuration gives it ports; what it answers ends that. @throws when a port cannot be had. */
export async function startInternal({ internalPort, internalHost }: GatewayConfig, hot: FastifyInstance, floor: InternalFloor): Promise<() => Promise<void>> {
  const server = internalPort === undefined ? undefined : internalServer(hot, floor);
  await server?.listen({ port: internalPort ?? 0, host: internalHost });
  return async () => { await server?.close(); };
}
