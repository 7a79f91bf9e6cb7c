import { eventually, PASSWORD, tokenIn } from '#testing';
import { ConsoleInBrowser, findings } from './console.fixture.ts';
import { isIn, linkTo, press, says, signIn, totp, type, withAuthenticator } from './ways.fixture.ts';

const DAY = 86_400;

/** docs/flows: where mailed links lead. */
describe('the pages of mailed links', () => {
  let it_: ConsoleInBrowser;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());
  const open = (path: string) => it_.open(path);
  const linkIn = (path: string, email: string, subject: RegExp) => linkTo(it_, path, email, subject);

  it('set a forgotten password anew by the mailed link, with the second factor before it', async () => {
    const { secret } = await withAuthenticator(await it_.product.signUp('reset@example.com'));
    const page = await open('/sign-in');
    await type(page, 'E-mail', 'reset@example.com');
    await press(page, 'Continue');
    await page.getByRole('link', { name: 'Forgot the password?' }).click();
    await press(page, 'Mail me a link');
    await says(page, 'Check your mail at reset@example.com');
    const link = await linkIn('/reset', 'reset@example.com', /new password|Set a/i);
    // Another browser than the one that asked: links belong to mailboxes.
    const opened = await open(link);
    await says(opened, 'second factor');
    expect(opened.url()).not.toContain('token');
    await type(opened, 'Six digits from your authenticator', totp(secret, 1));
    await press(opened, 'Continue');
    await says(opened, 'Choose a new password');
    await says(opened, '8 characters or more');
    await opened.reload();
    await type(opened, 'Password', 'a short ride over the hill');
    await press(opened, 'Set password');
    await isIn(opened);
    const again = await open(link);
    await says(again, /was used, has expired or was replaced/);
    await again.getByRole('link', { name: 'Mail me a new link' }).click();
    await says(again, 'Enter the address of your account');
  });

  it('change an address by a link in the new mailbox, and back by one in the old, and only by their buttons', async () => {
    const { visitor } = await it_.product.signUp('before@example.com');
    expect((await visitor.post('/v1/account/address', { email: 'after@example.com' })).status).toBe(202);
    const link = await linkIn('/address', 'after@example.com', /./);
    // A scanner that opens it, scripts and all, changes nothing.
    const scanner = await open(link);
    await says(scanner, /will have the address a…@e….com/);
    expect((await visitor.get('/v1/account')).body.email).toBe('before@example.com');
    const page = await open(link);
    await press(page, 'Take this address');
    await says(page, 'Sign in with the new address');
    await press(scanner, 'Take this address');
    await says(scanner, /was used, has expired or was replaced/);
    const undo = await open(await linkIn('/address/undo', 'before@example.com', /has moved/));
    await says(undo, /former address back: b…@e….com/);
    expect(await findings(undo)).toEqual([]);
    await press(undo, 'Undo the change');
    await says(undo, /Set a new password now/);
    // Another link of the same kind, in the same tab.
    await undo.goto(`${it_.product.origin}/address/undo#token=none`);
    await says(undo, /was used, has expired or was replaced/);
    expect(undo.url()).not.toContain('token');
    const { body } = await it_.product
      .visitor()
      .post('/v1/sessions', { email: 'before@example.com', password: PASSWORD });
    expect(body.code).toBe('sign-in/failed');
  });

  it('give whoever has lost every factor their account back, by mailbox, operator and three days', async () => {
    const who = await it_.product.signUp('lost@example.com');
    await withAuthenticator(who);
    const other = await open('/sign-in');
    await signIn(other, 'lost@example.com');
    await press(other, 'I lost all of them');
    expect(await findings(other)).toEqual([]);
    await press(other, 'Mail me the link');
    await says(other, /link is on its way/);
    const asked = await open(await linkIn('/recovery', 'lost@example.com', /are lost/));
    await press(asked, 'Ask for my factors to be removed');
    await says(asked, /You have asked/);
    const approved = await it_.product.rollcall('account', 'recover', who.accountId, '--apply', '--reason', 'seen');
    expect([approved.code, approved.stdout]).toEqual([0, expect.stringContaining('approved')]);
    await it_.product.mail('lost@example.com', /removed soon/);
    await it_.product.advance(3 * DAY);
    const mail = await eventually(
      async () => ({ status: 200, body: await it_.product.mail('lost@example.com', /removed now/) }),
      ({ body }) => /recovery\/complete#/.test(body.text),
    );
    const done = await open(`/recovery/complete#token=${tokenIn(mail.body)}`);
    await press(done, 'Remove them');
    await says(done, /factors are removed/);
    const back = await open('/sign-in');
    await signIn(back, 'lost@example.com');
    await isIn(back);
  });

  it('bring somebody back alone who was suspended for inactivity', async () => {
    await it_.product.signUp('away@example.com');
    await it_.product.signUp('warned@example.com');
    await it_.product.advance(167 * DAY);
    for (const email of ['away@example.com', 'warned@example.com']) await it_.product.mail(email, /inactiv|suspend/i);
    const warned = await open('/sign-in');
    await signIn(warned, 'warned@example.com');
    await warned.waitForURL(/\/welcome-back/);
    await it_.product.advance(15 * DAY);
    const page = await open('/sign-in');
    await it_.product.mail('away@example.com', /was suspended/);
    await signIn(page, 'away@example.com');
    await says(page, 'Nobody used it for 180 days.');
    await says(page, 'Since');
    expect(await findings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Bring my account back' }).click();
    await press(page, 'Mail me a link');
    await says(page, 'Check your mail at away@example.com');
    const opened = await open(await linkIn('/reactivate', 'away@example.com', /back/i));
    await says(opened, 'Its keys and projects are kept');
    await type(opened, 'Password', PASSWORD);
    await press(opened, 'Bring my account back');
    await isIn(opened);
    await it_.product.mail('away@example.com', /is back/i);
  });
});
