import type { Message } from '#bus';
import type { StoreOptions } from '#event-sourcing';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { counted, timed } from './metrics.ts';
import { linksTo, spanned } from './tracing.ts';

type OnMessages = <T>(messages: readonly Message[], work: () => Promise<T>) => Promise<T>;

/** Counts, times and traces what a service writes, publishes and takes. */
export function hooksOf(service: string): {
  append: NonNullable<StoreOptions['around']>;
  publish: OnMessages;
  receive: OnMessages;
} {
  return {
    append: async (events, work) => {
      const stop = timed.append.startTimer({ service });
      try {
        const appended = await spanned(
          service,
          'append',
          {
            attributes: {
              'db.system.name': 'postgresql',
              'rollcall.event.types': [...new Set(events.map(({ type }) => type))],
            },
          },
          work,
        );
        if (![appended].flat().some(({ repeated }) => repeated))
          for (const { type } of events) counted.events.inc({ service, type });
        stop({ outcome: 'ok' });
        return appended;
      } catch (error) {
        stop({ outcome: error instanceof Error ? error.name : 'unknown' });
        throw error;
      }
    },
    publish: (messages, work) => over(service, 'publish', SpanKind.PRODUCER, counted.published, messages, work),
    receive: (messages, work) => over(service, 'receive', SpanKind.CONSUMER, counted.received, messages, work),
  };
}

/** A trace of its own, linked to those that led to the messages: they are carried in batches, again after a failure, and years later in a replay. */
async function over<T>(
  service: string,
  operation: string,
  kind: SpanKind,
  counter: typeof counted.published,
  messages: readonly Message[],
  work: () => Promise<T>,
): Promise<T> {
  const topics = Map.groupBy(messages, ({ topic }) => topic);
  const attributes = {
    'messaging.operation.name': operation,
    'messaging.destination.name': [...topics.keys()].join(','),
    'messaging.batch.message_count': messages.length,
    'rollcall.fact.types': [...new Set(messages.map(({ type }) => type))],
  };
  const answer = await spanned(
    service,
    `${operation} ${[...topics.keys()].join(',')}`,
    { kind, attributes, links: linksTo(messages.map(({ traceparent }) => traceparent)), parent: ROOT_CONTEXT },
    work,
  );
  for (const [topic, of] of topics) counter.inc({ service, topic }, of.length);
  return answer;
}
