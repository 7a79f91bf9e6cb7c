import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { closeAnswered } from '../edge/close.ts';
import { startInternalGrpc } from './internal-grpc.ts';
import { type InternalFloor, internalServer } from './internal-server.ts';

type Stop = () => Promise<unknown>;

/** Listens for services of the platform, as far as the configuration gives it ports; what it answers ends that. @throws when a port cannot be had. */
export async function startInternal(
  { internalPort, internalGrpcPort, internalHost, development, ...tls }: GatewayConfig,
  hot: FastifyInstance,
  floor: InternalFloor,
): Promise<Stop> {
  const stops: Stop[] = [];
  const stop = () => Promise.all(stops.map((each) => each()));
  try {
    if (internalPort !== undefined) {
      const server = internalServer(hot, floor);
      stops.push(() => closeAnswered(server.server, () => server.close()));
      await server.listen({ port: internalPort, host: internalHost });
    }
    if (internalGrpcPort !== undefined)
      stops.push(
        await startInternalGrpc(
          `${internalHost.includes(':') ? `[${internalHost}]` : internalHost}:${internalGrpcPort}`,
          floor,
          { reflection: development, tls },
        ),
      );
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
