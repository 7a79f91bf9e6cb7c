import { GRPC_PACKAGES, type GrpcOwner } from '#contracts';
import {
  channelCredentials,
  type Judgement,
  LOGGER,
  type Logger,
  observe,
  peerAddress,
  SERVICE_CONFIG,
} from '#platform';
import { type ChannelCredentials, Client } from '@grpc/grpc-js';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { GatewayConfig } from '../config.ts';
import { KeyGate } from '../gate/key-gate.ts';

const WITHIN_MS = 2_000;
const SERVING = 1;

/** Whether each service behind the gateway is ready, by the gRPC health protocol. */
@Injectable()
export class Readiness implements OnApplicationBootstrap, OnApplicationShutdown {
  private unobserve: () => void = () => undefined;
  private readonly credentials: ChannelCredentials;
  private readonly clients = new Map<GrpcOwner, Client>();

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
    private readonly gate: KeyGate,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.credentials = channelCredentials(config, logger);
  }

  /** Whether the gateway may be asked, and for each service that may not, why, as far as it can be seen from here. */
  async judge(): Promise<{
    ready: boolean;
    services: Record<string, 'ready' | 'not ready'>;
    reasons: Record<string, string>;
  }> {
    const names = Object.keys(GRPC_PACKAGES) as GrpcOwner[];
    const said = await Promise.all(names.map(async (name) => [name, await this.ask(name)] as const));
    const reasons = said.flatMap(([name, why]) => (why === undefined ? [] : [[name, why] as const]));
    return {
      ready: reasons.length === 0,
      services: Object.fromEntries(said.map(([name, why]) => [name, why === undefined ? 'ready' : 'not ready'])),
      reasons: Object.fromEntries(reasons),
    };
  }

  onApplicationBootstrap(): void {
    this.unobserve = observe('gateway', {
      judge: () => this.judgement(),
      parts: { gate: () => Promise.resolve(this.gate.show()) },
    });
  }

  onApplicationShutdown(): void {
    this.unobserve();
    for (const client of this.clients.values()) client.close();
  }

  private async judgement(): Promise<Judgement> {
    const { ready, reasons } = await this.judge();
    return { ready, reasons: Object.entries(reasons).map(([name, why]) => `${name} ${why}`), degraded: [] };
  }

  /** `grpc.health.v1.Health/Check` without a service name: an empty message out; field 1 of the answer is the status. Why it is not ready, or undefined. */
  private ask(name: GrpcOwner): Promise<string | undefined> {
    const client =
      this.clients.get(name) ??
      new Client(peerAddress(this.config, name), this.credentials, { 'grpc.max_reconnect_backoff_ms': 1_000 });
    this.clients.set(name, client);
    return new Promise((answered) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        () => Buffer.alloc(0),
        (bytes) => bytes[1] === SERVING,
        Buffer.alloc(0),
        { deadline: Date.now() + WITHIN_MS },
        (error, serving) => {
          answered(
            error
              ? 'does not answer'
              : serving === true
                ? undefined
                : 'says that it is not ready; its own /readyz tells why',
          );
        },
      );
    });
  }
}
