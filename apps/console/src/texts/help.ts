/** A question of the manual. Each paragraph is shown true by a test: `e2e/console/help.spec.ts` says which. */
export interface Topic {
  title: string;
  says: readonly string[];
  code?: string;
}
type Manual = Readonly<Record<string, Topic>>;

const account = {
  'create': {
    title: 'Create an account',
    says: [
      'Enter your e-mail address at “Sign up”. A link goes there that works once, for 24 hours, and asks for your name and a password.',
      'The page says the same whether or not the address has an account; an address that has one gets a mail that says so, without a link.',
      'The account comes with an organization and a first project, so you can create a key at once.',
      'A password has 15 characters or more. One that is on lists of common passwords is refused. Four or five unrelated words are good.',
    ],
  },
  'name': {
    title: 'Change your name',
    says: ['Account Settings, Profile, “Edit”. The people of your organizations see the new name.'],
  },
  'email': {
    title: 'Change your e-mail address',
    says: [
      'Account Settings, Profile, “Change”. The new mailbox gets a link for an hour; the address changes when that is opened, and not before. “Cancel the change” takes the wish back.',
      'All your sessions end then. For seven days a link in the old mailbox puts the old address back, removes factors that were added meanwhile, and withdraws the password until you set a new one by mail.',
      'The address can change once in seven days.',
      'Where an organization signs you in at its provider, the address changes there and is taken over here at your next sign-in.',
    ],
  },
  'password': {
    title: 'Change your password',
    says: [
      'Account Settings, Sign-in, “Change password”. You enter the present one too, and your other sessions end.',
      'If you have forgotten it, “Forgot the password?” mails a link that works once, for 30 minutes. With multi-factor authentication on, your second factor is asked for before the new password.',
    ],
  },
  'proof': {
    title: 'Why you are asked to confirm that it is you',
    says: [
      'What changes how you sign in, or makes somebody an owner, asks for your password, code or passkey when you have not shown one within the last 15 minutes.',
    ],
  },
  'multi-factor': {
    title: 'Turn multi-factor authentication on or off',
    says: [
      'Account Settings, Sign-in, the switch “Multi-factor authentication”. Scan the QR code with an authenticator app and type its first code, or make a passkey. From then on every sign-in with a password asks for it.',
      'Each code works once, and five wrong ones end the sign-in.',
      'The same switch turns it off. A password under 15 characters has to be changed for a longer one before that, and while an organization asks for a second factor it stays on.',
      'The last authenticator or passkey cannot be removed while it is on.',
    ],
  },
  'recovery-codes': {
    title: 'Recovery codes',
    says: [
      'When you turn multi-factor authentication on you get 10 recovery codes, shown once. Each stands in for your second factor, once. Keep them where your phone is not.',
      'Account Settings says how many are left. “Make new codes” makes 10 new ones, and the old ones stop working.',
    ],
  },
  'passkeys': {
    title: 'Passkeys',
    says: [
      'Account Settings, Sign-in, “Add a passkey”. It signs you in with your fingerprint, face or a security key, without a password: it is both factors in one.',
      'Adding one does not turn multi-factor authentication on, because your other devices may have none.',
      'You may have 10 passkeys and 5 authenticator apps. Rename or remove them in the menu beside each.',
    ],
  },
  'lost-phone': {
    title: 'You have lost your phone',
    says: [
      'Sign in with a recovery code or a passkey, remove the lost authenticator in Account Settings and add a new one.',
      'If nothing is left, say so at the sign-in: a link goes to your mailbox, an operator has to approve, and 72 hours later another mail brings the link that removes all factors. Signing in with any factor meanwhile stops it.',
    ],
  },
  'single-sign-on': {
    title: 'Single sign-on',
    says: [
      'When an owner of your organization turns it on, everybody whose address is in its domains signs in at the organization’s own provider. Your password opens nothing from that moment, and sessions that began with it end. Your keys go on working.',
      'The first time, a mailed link ties your account to the provider. Open it in the browser in which you began.',
      'When it is turned off, your password waits until you have proved your mailbox: set one by mail.',
    ],
  },
  'sessions': {
    title: 'Sessions',
    says: [
      'Account Settings, Sessions, lists every browser that is signed in. “End” signs one out at once, “End all other sessions” all but this one.',
      'A session lasts 30 days at most. 50 may be open; the oldest makes room for the next.',
    ],
  },
  'session-time-out': {
    title: 'Session time-out',
    says: [
      'Off, unless you or an organization turn it on. On, a session ends after 30 minutes without you, on every device, those that are open included.',
      'Two minutes before, every open tab asks whether you are still there. “Stay signed in” in one answers for all.',
      'When a session ends while you type, what you typed is there again after signing in, but for passwords and other secrets.',
      'While an organization requires it, it cannot be turned off.',
    ],
  },
  'inactivity': {
    title: 'Inactivity',
    says: [
      'An account that is not used for 180 days is suspended. A sign-in, a use of the console by you and a use of the API by any of your keys all count. What a page does by itself does not.',
      'You get a mail 14 days before, and are not suspended unless the mail server took it or refused it for good.',
      'Account Settings, Inactivity, says until which day the account stays active, and shows each of the last 180 days.',
      'Sign in after the warning and you are told until when the account stays active now. Opening the mail is not enough.',
    ],
  },
  'suspended': {
    title: 'Your account is suspended',
    says: [
      'The console and the API refuse you, and your keys get 403. Nothing is deleted: keys and projects are kept.',
      'After inactivity you bring it back yourself: sign in, then ask for the link, which works for 24 hours. Your keys work again within seconds, and the 180 days begin anew.',
      'After a decision of an operator only an operator can bring it back.',
    ],
  },
  'organizations': {
    title: 'Organizations, projects and roles',
    says: [
      'You may be in several organizations; the menu at the top left changes among them. Jobs and keys belong to a project of one.',
      'Owners invite and remove people, see every key of the organization and set its rules. Members see the projects that they are in, and create keys there.',
      'An organization keeps one active owner at least: the last one cannot leave.',
      'Whoever leaves or is removed loses their keys in that organization for good, at once.',
    ],
  },
  'invitations': {
    title: 'Invitations',
    says: [
      'An invitation goes to one e-mail address, and its link works once, for 30 days. Without an account you make one by it.',
      'An owner can send it again, which makes the older link dead, or revoke it.',
    ],
  },
} satisfies Manual;

const keys = {
  'create': {
    title: 'Create a key',
    says: [
      'API Keys, “Create key”. A key belongs to you and to one project, for good.',
      'The key is shown this once. What is kept of it is a fingerprint, so nobody can show it again: if it is lost, rotate it or create another.',
    ],
  },
  'use': {
    title: 'Use a key',
    says: [
      'Send it in the Authorization header, or alone in X-API-Key. A key in an address is refused, because addresses end up in logs.',
    ],
    code: 'Authorization: apiKey $IONQ_API_KEY',
  },
  'store': {
    title: 'Store a key safely',
    says: [
      'Put it where a program reads it when it starts: a secret manager, or an environment variable from a file that only you can read. The “.env” button of the dialog saves such a file.',
      'Never write it into source code, a repository, a notebook that you share, a ticket or a chat, nor into code that runs in a browser: whoever reads it there can use it. One that got there counts as leaked.',
      'Take a key for each program and each machine. Then you see which one is used, and revoke one without stopping the others.',
    ],
    code: 'chmod 600 .env',
  },
  'scopes': {
    title: 'Limit what a key may do',
    says: [
      'Scopes say what it may do: a job runner needs to read and write jobs, a dashboard only to read them. A request without its scope gets 403.',
      'A key’s scopes cannot be widened later; its successor may get others when you rotate it.',
    ],
  },
  'addresses': {
    title: 'Limit where a key works from',
    says: [
      'Name IP addresses or ranges such as 203.0.113.0/24. Elsewhere the key gets the same 401 as an unknown one, and its successor has the same limit unless you say otherwise.',
    ],
  },
  'expiry': {
    title: 'Expiry and reminders',
    says: [
      'A key works until the instant it expires and not beyond. The dialog suggests 90 days; “Never” is your choice.',
      'You are mailed 14 days and 3 days before, with a link to the key.',
    ],
  },
  'rotate': {
    title: 'Rotate a key',
    says: [
      'Rotating makes a new key with the same project and limits. The old one works on for as long as you choose: nothing, an hour, a day or 7 days. Change the programs meanwhile, and watch the old key fall silent.',
      'Only you can rotate your keys; owners can revoke them.',
    ],
  },
  'revoke': {
    title: 'Revoke a key',
    says: [
      'A revoked key gets 401. When the console says “No gateway accepts it any more”, no request that is sent from then on is accepted, anywhere.',
      'Jobs that were already submitted still run. A revoked key cannot be brought back.',
      'The reason that you type is shown to whoever may see the key.',
    ],
  },
  'leaked': {
    title: 'A key has leaked',
    says: [
      'Revoke it at once, then look at when and on which days it was used.',
      'Whoever finds a key can report it without an account: it is revoked before the answer, and the answer is the same for what is no key.',
    ],
    code: 'POST /v1/key-reports  {"secret": "…"}',
  },
  'last-used': {
    title: 'Is this key still used?',
    says: [
      'Each key shows when it was last used, within ten seconds, and one mark for each day: tall when it was used. A refused request is no use.',
      'Owners can list keys that nobody has used for 90 days.',
    ],
  },
  'stops': {
    title: 'What else stops a key',
    says: [
      'Its project is archived: it gets 403, and jobs that were submitted still run.',
      'Its holder leaves the organization, or is removed: it is revoked for good.',
      'Its holder’s account is suspended: it gets 403, is kept, and works again when the account is back.',
    ],
  },
} satisfies Manual;

export const help = {
  nav: 'On this page',
  pages: 'Help',
  back: { inside: 'Back to the console', outside: 'Sign in' },
  account: {
    title: 'How to manage your account',
    short: 'Your account',
    lead: 'What you can do, and what happens then.',
    topics: account,
  },
  keys: {
    title: 'How to store and use API keys',
    short: 'API keys',
    lead: 'A key is a password of a program: whoever has it can do what it may do.',
    topics: keys,
  },
};
