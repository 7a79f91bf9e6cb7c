import { type Keycloak, TestBrowser, testKeycloak } from '#testing';

/** The provider of this file's tests; without one they are skipped. */
export const keycloak: Keycloak | undefined = await testKeycloak();

/** With a Keycloak of the file's own, which is stopped behind the last test. */
export const describeKeycloak = (what: string, tests: (keycloak: Keycloak) => void): void => {
  if (!keycloak) return describe.skip(what, () => it('needs a Keycloak', () => undefined));
  const running = keycloak;
  describe(what, () => {
    afterAll(() => running.stop());
    tests(running);
  });
};

/** The password of everybody in the realm. */
const PASSWORD = 'a long walk in the rain';

/** Somebody signs in at the provider. Answers their browser, and where they ended up. */
export async function signInThere(
  { origin }: Keycloak,
  location: URL,
  username: string,
  browser = new TestBrowser(origin),
) {
  const page = await browser.submit(await browser.open(location), { username, password: PASSWORD });
  return { browser, page };
}
