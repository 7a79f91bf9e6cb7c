import { PASSWORD, type SignedUp, tokenIn } from '#testing';
import { HOTP, Secret } from 'otpauth';
import type { Page } from 'playwright-core';
import type { ConsoleInBrowser } from './console.fixture.ts';

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();
export const type = (page: Page, name: string, text: string): Promise<void> =>
  page.getByRole('textbox', { name, exact: true }).fill(text);
export const says = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();
export const isIn = (page: Page): Promise<void> => page.waitForURL(/\/keys/);

/** Where the link of a mail leads. */
export const linkTo = async (it_: ConsoleInBrowser, path: string, email: string, subject: RegExp): Promise<string> =>
  `${path}#token=${tokenIn(await it_.product.mail(email, subject))}`;

/** An authenticator's code: of this half minute or, where that one is used, of the next. One of before would pass while it is typed. */
export const totp = (secret: string, step: 0 | 1 = 0): string =>
  HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(Date.now() / 30_000) + step });

/** With address and password, on the page where one signs in. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  const address = page.getByRole('textbox', { name: 'E-mail' });
  const asked = page.getByRole('textbox', { name: 'Password', exact: true });
  await address.or(asked).waitFor();
  // The address comes first; whoever tries again stands at the password already.
  if (await address.isVisible()) {
    await address.fill(email);
    await press(page, 'Continue');
  }
  await asked.fill(password);
  await press(page, 'Sign in');
}

/** An authenticator of a person, made by their own calls; its secret, and the recovery codes. */
export async function withAuthenticator({ visitor }: SignedUp): Promise<{ secret: string; codes: string[] }> {
  const { body: phone } = (await visitor.post('/v1/account/authenticators', { name: 'Phone' })) as {
    body: { id: string; secret: string };
  };
  const { body } = (await visitor.post(`/v1/account/authenticators/${phone.id}/confirm`, {
    code: totp(phone.secret),
  })) as { body: { codes: string[] } };
  return { secret: phone.secret, codes: body.codes };
}
