import { z } from 'zod';

const count = (says: string) => z.string().regex(/^\d+$/).describe(says);

/** The headers of every message: CloudEvents 1.0 in binary mode (`ce_…`), then what is ours. All are text, as Kafka's bytes are. */
export const factHeaders = z.looseObject({
  'ce_specversion': z.literal('1.0'),
  'ce_id': z.uuid().describe('Id of the event. The same id again is the same event.'),
  'ce_type': z.string().describe('Name and version of the fact, such as KeyRevoked.v1.'),
  'ce_source': z.string().describe('The service that owns the stream.'),
  'ce_time': z.iso.datetime().describe('When it was decided.'),
  'content-type': z.literal('application/json'),
  'stream_version': count(
    'Version of the stream after this event. One that is not above the last one seen of its key, in the same or an older epoch, is a duplicate: drop it. The epoch is the first number of source_position.',
  ),
  'stream_previous': count(
    'The last version of the stream that was published before this one; 0 is none. Where it is above the last one seen, facts are missing.',
  ),
  'stream_previous_epoch': count(
    'The epoch in which that version was written; absent: the first. After a log was restored and reopened, a newer epoch takes the place of what an older one had said beyond it.',
  ).optional(),
  'source_position': z.string().describe("Place in the owner's log."),
  'correlation_id': z.string().describe('The same for all that one request from outside set off.'),
  'causation_id': z.string().optional().describe('Id of the event that led to this one.'),
  'actor': z
    .string()
    .optional()
    .describe('Who decided it: account:<id>, service:<name>, or operator. Absent of what an older release has told.'),
  'traceparent': z
    .string()
    .optional()
    .describe(
      'W3C trace context of the request. Link a span to it; do not continue it, as facts are read again much later.',
    ),
});
