import { GRPC_PACKAGES, type GrpcOwner, type ServiceName, type Topic } from '#contracts';
import type { Message } from '#bus';
import type { Peers } from './peers.ts';

/** The published facts of a stream, read from its owner by gRPC: for gaps on the bus, and for those who cannot wait for it. */
export class OwnerHistory {
  constructor(private readonly peers: Peers, private readonly self: ServiceName) {}

  /** @param topic any topic of the stream's owner: its name begins with the owner's. @param timeoutMs as long as any call where it is left out. */
  async read(topic: Topic, streamId: string, afterVersion: number, timeoutMs?: number): Promise<Message[]> {
    const owner = topic.slice(0, topic.indexOf('.'));
    if (!Object.hasOwn(GRPC_PACKAGES, owner)) throw new Error(`nobody owns the topic ${topic}`);
    const { facts } = await this.peers.of(owner as GrpcOwner, 'History').readStream({ streamId, afterVersion }, { correlationId: streamId, actor: `service:${this.self}`, timeoutMs });
    return facts.map(({ streamId: key, topic: on, data, ...rest }) => ({ ...rest, key, topic: on as Topic, data: JSON.parse(data) as object }) as Message);
  }
}
