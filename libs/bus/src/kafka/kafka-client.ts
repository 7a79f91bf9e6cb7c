import { createRequire } from 'node:module';
import type { ConnectionOptions } from 'node:tls';
import { Kafka, logLevel } from 'kafkajs';

/** Where the brokers are, and who asks. */
export interface KafkaAddress {
  readonly brokers: readonly string[];
  readonly clientId?: string;
  /** How it is spoken to under TLS, read for each connection; in clear where it is not set. */
  readonly ssl?: ConnectionOptions | true;
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 plans its next look at waiting requests for the moment when a throttling ends, which without one lies in 1970: a
 * negative time, of which Node makes 1 ms. So each connection looks a thousand times a second for ever. Here it looks only
 * when something waits or is held back; a request that waits for a free place is looked at when an answer arrives.
 */
function guardBusyTimer(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue & { guarded?: true };
  };
  if (prototype.guarded) return;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own object below
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.guarded = true;
  prototype.scheduleCheckPendingRequests = function guarded(this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}

/** A client that fails soon: its caller tries again by its own rules. `heard` gets what kafkajs says only to its log. */
export function kafkaClient(
  { brokers, clientId = 'rollcall', ssl }: KafkaAddress,
  heard: (text: string, about: Readonly<Record<string, unknown>>) => void = () => undefined,
): Kafka {
  guardBusyTimer();
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ...(ssl === undefined ? {} : { ssl }),
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4, restartOnFailure: () => Promise.resolve(false) },
    logLevel: logLevel.ERROR,
    logCreator:
      () =>
      ({ log: { message, ...about } }) => {
        heard(message, about);
      },
  });
}
