import type { identity } from '#contracts';
import type { EventStore } from '#event-sourcing';
import { linkToken } from '#platform';
import type { AddressBook } from '../email-address/address-book.ts';
import type { SignUpEvent } from './sign-up.decider.ts';

/**
 * The address for the mail of a sign-up and the token of its link; no token where the address has an account, no address where the sign-up is no
 * longer open.
 */
export async function mailOf(
  store: EventStore,
  addresses: AddressBook,
  installationKey: string,
  signUpId: string,
): Promise<identity.AddressMailResponse> {
  const email = await addresses.pendingAddress(signUpId);
  const [requested] = await store.readStream<SignUpEvent>(`sign-up-${signUpId}`, { upTo: 1 });
  if (email === undefined || requested?.event.type !== 'SignUpRequested') return { name: '' };
  if (requested.event.data.registered || requested.event.data.managed) return { email, name: '' };
  return {
    email,
    name: '',
    token: linkToken(installationKey, { purpose: 'sign-up', id: signUpId, eventId: requested.eventId }),
  };
}
