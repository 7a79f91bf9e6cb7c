import { readXml } from '#platform';
import type { Answer, Attempt, Connection, Protocol, Vouched } from '../protocol.ts';
import { vouchedIn } from './assertion.ts';
import { demand } from './checks.ts';
import { opened } from './encrypted.ts';
import { expectedOf, serviceOf, settingsOf } from './expected.ts';
import { requestUrl, signedAssertion } from './node-saml.ts';
import { responseIn, responseText, unlessUnreadable } from './response.ts';
import { serviceMetadata } from './service-metadata.ts';

/**
 * SAML 2.0 in the browser, begun by us: requests by Redirect, answers by POST. node-saml asks and verifies. By itself it took 18 of 40 hostile answers:
 * so the shape of an answer is judged before, and what is signed after.
 */
export class Saml implements Protocol {
  /** @param origin where people meet the installation */
  constructor(private readonly origin: string) {}

  async begin(connection: Connection, attempt: Attempt): Promise<URL> {
    return requestUrl(settingsOf(connection), this.serviceOf(connection), attempt);
  }

  async finish(connection: Connection, attempt: Attempt, { samlResponse }: Answer, now: Date): Promise<Vouched> {
    demand(samlResponse !== undefined, 'size');
    const expected = expectedOf(settingsOf(connection), this.serviceOf(connection), attempt, now);
    const response = await opened(responseIn(responseText(samlResponse), expected), expected);
    // Judged twice by the same words: here they say what is wrong, below they hold for what is signed.
    vouchedIn(response.assertion, expected);
    const signed = await signedAssertion(response, expected);
    return vouchedIn(
      unlessUnreadable(() => readXml(signed)),
      expected,
    );
  }

  /** What the provider is told of us: XML. */
  metadata(connection: Connection): string {
    return serviceMetadata(settingsOf(connection), this.serviceOf(connection));
  }

  private readonly serviceOf = ({ connectionId }: Connection) => serviceOf(this.origin, connectionId);
}
