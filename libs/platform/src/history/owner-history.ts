import { GRPC_PACKAGES, type GrpcOwner, type history, type ServiceName, type Topic } from '#contracts';
import type { History, Mark, Message, OwnersHistory } from '#bus';
import type { Peers } from '../rpc/peers.ts';

const BATCH = 500;

/**
 * The published facts of other services, read from their owner by gRPC: for gaps on the bus, for reads that cannot wait for it, and for read models
 * that are made anew.
 */
export class OwnerHistory implements OwnersHistory {
  constructor(
    private readonly peers: Peers,
    private readonly self: ServiceName,
  ) {}

  /** The facts of one stream. @param topic any topic of the stream's owner: its name begins with the owner's. @param timeoutMs as long as any call where it is left out. */
  async read(topic: Topic, streamId: string, after: Mark, timeoutMs?: number): Promise<Message[]> {
    const { facts } = await this.peers
      .of(ownerOf(topic), 'History')
      .readStream(
        { streamId, afterVersion: after.version, afterEpoch: after.epoch },
        { correlationId: streamId, actor: `service:${this.self}`, timeoutMs },
      );
    return facts.map(messageOf);
  }

  readonly stream: History = (topic, streamId, after) => this.read(topic, streamId, after);

  async *all(topics: readonly Topic[], after = ''): AsyncGenerator<readonly Message[]> {
    const [first] = topics;
    if (first === undefined) return;
    let batch: Message[] = [];
    for await (const fact of this.peers
      .of(ownerOf(first), 'History')
      .eventHistory(
        { topics: [...topics], types: [], afterPosition: after },
        { correlationId: `history of ${first}`, actor: `service:${this.self}` },
      )) {
      batch.push(messageOf(fact));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}

function ownerOf(topic: Topic): GrpcOwner {
  const owner = topic.slice(0, topic.indexOf('.'));
  if (!Object.hasOwn(GRPC_PACKAGES, owner)) throw new Error(`nobody owns the topic ${topic}`);
  return owner as GrpcOwner;
}

const messageOf = ({ streamId: key, topic, data, ...rest }: history.PublishedFact): Message =>
  ({ ...rest, key, topic: topic as Topic, data: JSON.parse(data) as object }) as Message;
