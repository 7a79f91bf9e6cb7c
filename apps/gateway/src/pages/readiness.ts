import { GRPC_PACKAGES, type GrpcOwner } from '#contracts';
import { peerAddress, SERVICE_CONFIG } from '#platform';
import { Client, credentials } from '@grpc/grpc-js';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { GatewayConfig } from '../config.ts';

const WITHIN_MS = 2_000;
const SERVING = 1;

/** Whether each service behind the gateway is ready, by the gRPC health protocol. */
@Injectable()
export class Readiness implements OnApplicationShutdown {
  private readonly clients = new Map<GrpcOwner, Client>();

  constructor(@Inject(SERVICE_CONFIG) private readonly config: GatewayConfig) {}

  async services(): Promise<Record<string, 'ready' | 'not ready'>> {
    const names = Object.keys(GRPC_PACKAGES) as GrpcOwner[];
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await this.serves(name)) ? 'ready' : 'not ready'] as const)));
  }

  onApplicationShutdown(): void {
    for (const client of this.clients.values()) client.close();
  }

  /** `grpc.health.v1.Health/Check` without a service name: an empty message out; field 1 of the answer is the status. */
  private serves(name: GrpcOwner): Promise<boolean> {
    const client = this.clients.get(name) ?? new Client(peerAddress(this.config, name), credentials.createInsecure(), { 'grpc.max_reconnect_backoff_ms': 1_000 });
    this.clients.set(name, client);
    return new Promise((answered) => {
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', () => Buffer.alloc(0), (bytes) => bytes[1] === SERVING, Buffer.alloc(0), { deadline: Date.now() + WITHIN_MS },
        (error, serving) => { answered(!error && serving === true); });
    });
  }
}
