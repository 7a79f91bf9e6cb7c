import { readXml } from '#platform';
import type { Protocol } from '../protocol.ts';
import { vouchedIn } from './assertion.ts';
import { demand } from './checks.ts';
import { opened } from './encrypted.ts';
import { expectedOf, serviceOf, settingsOf } from './expected.ts';
import { requestUrl, signedAssertion } from './node-saml.ts';
import { responseIn, responseText, unlessUnreadable } from './response.ts';

/**
 * SAML 2.0 in the browser, begun by us: requests by Redirect, answers by POST. node-saml asks and verifies. By itself it took 18 of 40 hostile answers:
 * so the shape of an answer is judged before, and what is signed after.
 * @param origin where people meet the installation
 */
export const saml = (origin: string): Protocol => ({
  async begin(connection, attempt) {
    return requestUrl(settingsOf(connection), serviceOf(origin, connection), attempt);
  },

  async finish(connection, attempt, { samlResponse }, now) {
    demand(samlResponse !== undefined, 'size');
    const expected = expectedOf(origin, connection, attempt, now);
    const response = await opened(responseIn(responseText(samlResponse), expected), expected);
    // Judged twice by the same words: here they say what is wrong, below they hold for what is signed.
    vouchedIn(response.assertion, expected);
    const signed = await signedAssertion(response, expected);
    return vouchedIn(
      unlessUnreadable(() => readXml(signed)),
      expected,
    );
  },
});
