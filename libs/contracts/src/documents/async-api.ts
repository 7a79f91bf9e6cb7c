import type { FactKind, Topic } from '../facts/fact.ts';
import { factHeaders } from '../facts/headers.ts';
import { jsonSchema } from './fact-schema.ts';

const ID = '01890a5d-ac96-774b-bcce-b302099a8060';

/** AsyncAPI 3.0 of the whole bus: each topic a channel, each fact a message that its owner sends. */
export function asyncApi(kinds: readonly FactKind[], version: string): object {
  const topics = [...new Set(kinds.map(({ topic }) => topic))];
  const of = (topic: Topic) => kinds.filter((kind) => kind.topic === topic);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rollcall',
      version,
      description:
        "What Rollcall's services tell each other and everybody else. Delivered at least once, in order per key, which is the id of the stream. No message holds personal data.",
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((topic) => [topic, channel(topic, of(topic))])),
    operations: Object.fromEntries(
      topics.map((topic) => [
        `send.${topic}`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${topic}` },
          summary: `${topic.split('.')[0] ?? ''} tells what became true.`,
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(kinds.map((kind) => [kind.name, message(kind)])),
      schemas: { headers: bare(jsonSchema(factHeaders, 'draft-7')) },
    },
  };
}

const bare = ({ $schema: _, ...schema }: Record<string, unknown>) => schema;

const channel = (topic: Topic, kinds: readonly FactKind[]) => ({
  address: topic,
  description: `Owned by ${topic.split('.')[0] ?? ''}.`,
  messages: Object.fromEntries(kinds.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }])),
});

const message = (kind: FactKind) => ({
  name: kind.name,
  title: kind.name,
  summary: kind.says,
  contentType: 'application/json',
  correlationId: { location: '$message.header#/correlation_id' },
  headers: { $ref: '#/components/schemas/headers' },
  payload: bare(jsonSchema(kind.schema, 'draft-7')),
  bindings: {
    kafka: {
      key: { type: 'string', description: 'The id of the stream: facts of one key come in order.' },
      bindingVersion: '0.5.0',
    },
  },
  examples: [{ name: kind.name, headers: exampleHeaders(kind), payload: kind.example }],
});

/** Headers as a message of this kind could have them. */
export const exampleHeaders = ({ name, topic }: FactKind): Record<string, string> => ({
  'ce_specversion': '1.0',
  'ce_id': ID,
  'ce_type': name,
  'ce_source': topic.split('.')[0] ?? '',
  'ce_time': '2026-01-01T00:00:00.000Z',
  'content-type': 'application/json',
  'stream_version': '2',
  'stream_previous': '1',
  'source_position': '1.1000.42',
  'correlation_id': ID,
  'actor': `account:${ID}`,
});
