import { readFileSync } from 'node:fs';
import { help, type Topic } from '../../apps/console/src/texts/help.ts';

/** A test by its file, and how its name begins. */
type Proof = readonly [file: string, name: string];

const IDENTITY = 'apps/identity/src/identity.int.spec.ts';
const SECURITY = 'apps/identity/src/security/security.int.spec.ts';
const RECOVERIES = 'apps/identity/src/recovery/recoveries.int.spec.ts';
const PASSKEYS = 'apps/identity/src/factor/passkeys.int.spec.ts';
const ORGANIZATION = 'apps/organization/src/organization.int.spec.ts';
const KEYS = 'apps/key-management/src/key/keys.int.spec.ts';
const DORMANCY = 'apps/inactivity-policy/src/dormancy/dormancy.process.spec.ts';
const STORY = 'e2e/story/story.e2e.spec.ts';
const STORY_CONSOLE = 'e2e/story/console.e2e.spec.ts';
const KEY_LIFE = 'e2e/keys/key-life.e2e.spec.ts';
const SETTINGS = 'e2e/console/settings.browser.spec.ts';
const FACTORS = 'e2e/console/factors.browser.spec.ts';
const IDLE = 'e2e/console/idle.browser.spec.ts';
const CONSOLE_KEYS = 'e2e/console/keys.browser.spec.ts';
const SIGNING_ON = 'e2e/single-sign-on/signing-on.int.spec.ts';

/** Of each paragraph of the manuals: which tests show that it is true. */
const PROOFS: Record<'account' | 'keys', Readonly<Record<string, readonly (readonly Proof[])[]>>> = {
  account: {
    'create': [
      [
        [IDENTITY, 'makes an account by a mailed link, once'],
        [IDENTITY, 'refuses links that are forged, altered or a day old'],
      ],
      [[IDENTITY, 'mails a registered address no link']],
      [[STORY, 'makes a key in the first project at once']],
      [[IDENTITY, 'refuses passwords that are short or known to everybody']],
    ],
    'name': [[[SETTINGS, 'renames the person']]],
    'email': [
      [
        [SETTINGS, 'asks for another address with a proof, and takes the wish back'],
        [RECOVERIES, 'is taken when it is confirmed, not when it is asked for'],
      ],
      [[RECOVERIES, 'changes by the link in the new mailbox, and back by the one in the old']],
      [[RECOVERIES, 'changes once in seven days']],
      [['e2e/single-sign-on/bound-people.int.spec.ts', 'has another address here once it is another there']],
    ],
    'password': [
      [
        [SETTINGS, 'changes the password'],
        [SECURITY, 'changes the password: other sessions end'],
      ],
      [
        [RECOVERIES, 'sets a new password by a mailed link, once'],
        [RECOVERIES, 'asks for the second factor before the password where there is one'],
      ],
    ],
    'proof': [
      [
        [SECURITY, 'wants a proof of the last fifteen minutes for each change'],
        ['e2e/sign-in/states.e2e.spec.ts', 'wants a proof of the last minutes for all that would take'],
      ],
    ],
    'multi-factor': [
      [
        [FACTORS, 'turns multi-factor authentication on by an authenticator app and off again'],
        [FACTORS, 'adds a passkey, renames it, turns multi-factor authentication on by it'],
      ],
      [[SECURITY, 'ends a sign-in by five wrong codes']],
      [
        [SECURITY, 'stays on while it is the last factor, and goes off with a password that can stand alone'],
        ['e2e/sign-in/demands.e2e.spec.ts', 'confines sessions of members who lack a second factor'],
      ],
      [[SECURITY, 'stays on while it is the last factor']],
    ],
    'recovery-codes': [
      [
        [FACTORS, 'turns multi-factor authentication on by an authenticator app'],
        [SECURITY, 'takes each recovery code once'],
      ],
      [[SECURITY, 'takes each recovery code once, in any case and form, and those of before no more']],
    ],
    'passkeys': [
      [[PASSKEYS, 'sign their holder in by themselves']],
      [[PASSKEYS, 'are added by who has proved it lately, shown, and switch nothing on']],
      [
        [PASSKEYS, 'are no more than ten'],
        [SECURITY, 'has five authenticators at most'],
        [FACTORS, 'adds a passkey, renames it'],
      ],
    ],
    'lost-phone': [
      [[SECURITY, 'takes each recovery code once']],
      [
        [RECOVERIES, 'are removed by the holder, an operator and 72 hours'],
        [RECOVERIES, 'are kept when the holder says so, and when one of them is shown'],
      ],
    ],
    'single-sign-on': [
      [[SIGNING_ON, 'shuts every session by password out from the answer on']],
      [[SIGNING_ON, 'binds nobody by a link that is opened in another browser, or twice']],
      [[SIGNING_ON, 'lets the owner turn it off: sessions through the provider end, and passwords wait for a mailbox']],
    ],
    'sessions': [
      [[SETTINGS, 'switches the session time-out, and shows and ends sessions']],
      [
        [IDENTITY, 'ends every session after 30 days'],
        [SECURITY, 'has fifty sessions open at most'],
      ],
    ],
    'session-time-out': [
      [[IDENTITY, 'ends idle sessions after 30 minutes, also those that began before it was switched on']],
      [[IDLE, 'is asked about two minutes before, in every tab']],
      [[IDLE, 'is not prolonged by looking, and ends in both tabs; what was typed comes back']],
      [['e2e/sign-in/demands.e2e.spec.ts', 'ends the sessions of its members after 30 minutes without them']],
    ],
    'inactivity': [
      [
        ['apps/inactivity-policy/src/dormancy/inactivity.int.spec.ts', 'keeps the kinds of activity apart'],
        [STORY, 'warns after 166 days and suspends after 180'],
        [STORY, 'ends a session after 30 minutes without its person'],
      ],
      [
        [DORMANCY, 'never states dormancy while the mail server has not answered'],
        [DORMANCY, 'counts the notice from the last hard bounce'],
      ],
      [[SETTINGS, 'tells until when the account stays active']],
      [[STORY_CONSOLE, 'welcomes back once who signs in after a warning']],
    ],
    'suspended': [
      [[STORY, 'warns after 166 days and suspends after 180, with notice served; keys are kept and refused']],
      [[RECOVERIES, 'comes back alone: by a mailed link and its password']],
      [['apps/mailer/src/letters/letters.spec.ts', 'says of a suspension how to come back: alone, unless an operator']],
    ],
    'organizations': [
      [[ORGANIZATION, 'lets an account join organizations up to the same limit']],
      [
        [ORGANIZATION, 'is an owner where members get a 403'],
        [KEYS, 'shows keys to their holder and to owners'],
        [ORGANIZATION, 'are seen by owners and by who is in them'],
      ],
      [[ORGANIZATION, 'may leave, but not the last active owner']],
      [[STORY, 'brings a colleague in by invitation, and takes the keys of whoever is removed']],
    ],
    'invitations': [
      [
        [ORGANIZATION, 'let the account of their address join, with role and projects, once'],
        [ORGANIZATION, 'end after 30 days'],
        [ORGANIZATION, 'offer an account to an address that has none'],
      ],
      [
        [ORGANIZATION, 'are sent again, and the older link is dead'],
        [ORGANIZATION, 'are dead when they are revoked'],
      ],
    ],
  },
  keys: {
    'create': [
      [[CONSOLE_KEYS, 'shows a secret once']],
      [
        [KEYS, 'stores no secret anywhere'],
        [KEYS, 'carries a repeated command out once, and never shows the secret again'],
      ],
    ],
    'use': [
      [
        ['e2e/keys/bad-keys.e2e.spec.ts', 'the key may stand alone in X-API-Key'],
        ['e2e/keys/bad-keys.e2e.spec.ts', 'a key in the address is refused'],
      ],
    ],
    'store': [
      [[CONSOLE_KEYS, 'shows a secret once']],
      [[KEY_LIFE, 'a key that was reported as leaked is refused']],
      [[KEY_LIFE, 'its last use is shown 10 seconds later']],
    ],
    'scopes': [
      [['e2e/keys/bad-keys.e2e.spec.ts', 'a key that lacks the scope of a route is told so']],
      [[KEYS, 'gives the successor of a key what is asked for, and else what the key had']],
    ],
    'addresses': [
      [
        ['e2e/keys/addresses.e2e.spec.ts', 'works from there and from nowhere else'],
        ['e2e/keys/addresses.e2e.spec.ts', 'is refused elsewhere in the words for an unknown key'],
        [
          'e2e/keys/addresses.e2e.spec.ts',
          'shows where it works from, in one spelling, and leaves it to its successor',
        ],
      ],
    ],
    'expiry': [
      [[KEY_LIFE, 'a key is refused from the instant that it expires']],
      [[STORY_CONSOLE, 'has holders mailed 14 days and 3 days before a key expires']],
    ],
    'rotate': [
      [[KEY_LIFE, 'a rotated key works until its instant and not beyond']],
      [[KEYS, 'shows keys to their holder and to owners']],
    ],
    'revoke': [
      [
        [STORY, 'accepts no request sent after a revoke returned'],
        ['e2e/fence/revocation.e2e.spec.ts', 'T-REV-3 was asked of a thousand revocations'],
      ],
      [
        [STORY, 'accepts no request sent after a revoke returned, while the key is in use; queued jobs still run'],
        ['apps/key-management/src/key/key.decider.spec.ts', 'never brings a revoked key back, whatever follows'],
      ],
      [[KEY_LIFE, 'what was typed at its revocation is shown with the key']],
    ],
    'leaked': [
      [[KEYS, 'tells on which days a key was used']],
      [[KEYS, 'revokes what is reported as leaked, and answers a wrong report in the same way']],
    ],
    'last-used': [
      [
        [
          KEY_LIFE,
          'its last use is shown 10 seconds later at the latest, whichever face it was shown to; a refusal is no use',
        ],
      ],
      [[KEYS, 'tells on which days a key was used, and finds those that nobody uses']],
    ],
    'stops': [
      [[KEYS, 'says that the owner of a good key is suspended, or that its project is archived']],
      [[KEYS, 'confirms a removal that the bus has not brought, and the keys of whoever left are gone for good']],
      [
        [KEYS, 'keeps the keys of a member who is shut out'],
        [RECOVERIES, 'comes back alone'],
      ],
    ],
  },
};

describe.each(['account', 'keys'] as const)('the manual about %s', (which) => {
  const topics: Readonly<Record<string, Topic>> = help[which].topics;

  it.each(Object.entries(topics))('says of "%s" what is shown by tests, paragraph by paragraph', (id, { says }) => {
    const proofs = PROOFS[which][id] ?? [];
    expect(proofs.map(({ length }) => length > 0)).toEqual(says.map(() => true));
    for (const [file, name] of proofs.flat()) expect([file, named(file, name)]).toEqual([file, name]);
  });

  it('is shown by no test what it does not say', () => {
    expect(Object.keys(PROOFS[which])).toEqual(Object.keys(topics));
  });
});

/** The name, if a test of the file begins with it. */
const named = (file: string, name: string) =>
  readFileSync(file, 'utf8').includes(`it('${name}`) ? name : 'no such test';
