import { serviceHarness, type ServiceHarness } from '#testing';
import { inactivityPolicy } from './inactivity-policy.module.ts';

/** The service, beside an identity that has published nothing but what the bus brings. */
export async function runInactivityPolicy(): Promise<ServiceHarness> {
  const harness: ServiceHarness = await serviceHarness([{ service: inactivityPolicy }], {
    identity: {
      History: {
        readStream: async () => ({ facts: [] }),
        publishedUpTo: async () => ({ upTo: harness.clock.now().toISOString() }),
      },
    },
  });
  return harness;
}
