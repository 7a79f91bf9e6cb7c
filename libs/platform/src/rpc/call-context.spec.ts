import type { Metadata } from '@grpc/grpc-js';
import { CALLER, causeOf, header, onward, SEEN, tellSeen, toMetadata } from './call-context.ts';

const AT = new Date('2026-01-01T00:00:00.000Z');
const clock = { now: () => AT };
const context = {
  correlationId: 'c',
  actor: 'account:ada',
  traceparent: 't',
  commandId: 'once',
  fingerprint: 'f',
  seen: 'key-1@3',
};

describe('what travels beside a request', () => {
  it('arrives as why a command happens', () => {
    expect(causeOf({ metadata: toMetadata(context, 'token') }, clock)).toEqual({
      at: AT,
      correlationId: 'c',
      actor: 'account:ada',
      traceparent: 't',
      commandId: 'once',
      fingerprint: 'f',
    });
  });

  it('names nobody in whose name nobody spoke, and no command that was not to happen once', () => {
    const bare = toMetadata({ correlationId: 'c', actor: 'a' }, 'token');
    expect(Object.keys(causeOf({ metadata: bare }, clock))).toEqual(['at', 'correlationId', 'actor']);
    bare.remove('rollcall-actor');
    bare.remove('rollcall-correlation');
    expect(causeOf({ metadata: bare }, clock)).toEqual({ at: AT, correlationId: 'none', actor: 'service:unknown' });
  });

  it('carries the token of who calls, and what they have seen', () => {
    const metadata = toMetadata(context, 'token');
    expect([header(metadata, CALLER), header(metadata, SEEN), header(metadata, 'other')]).toEqual([
      'token',
      'key-1@3',
      undefined,
    ]);
  });

  it("goes on to the next service without the command's id, which stands for one command alone", () => {
    expect(onward({ metadata: toMetadata(context, 'token') })).toEqual({
      correlationId: 'c',
      actor: 'account:ada',
      traceparent: 't',
    });
  });

  it('tells on its way back how far a command brought each stream', () => {
    const told: Metadata[] = [];
    tellSeen(
      {
        sendMetadata: (metadata) => {
          told.push(metadata);
        },
      },
      { streamId: 'key-1', version: 3 },
      { streamId: 'key-2', version: 1 },
    );
    expect(told.map((metadata) => header(metadata, SEEN))).toEqual(['key-1@3,key-2@1']);
  });
});
