import { type DomainEvent, fold } from '#event-sourcing';
import { account as decider } from '../account/account.decider.ts';
import { passwordSet, registered } from '../account/account.example.ts';
import { type AccountCommand, type AccountEvent, movesCredentials } from '../account/vocabulary.decider.ts';
import { isOpen, type MailedLink, mailedLinks } from './mailed-link.decider.ts';
import { claimed, next, type Proof, type Purpose } from './next.ts';

const AT = '2026-02-01T00:00:00.000Z';
const ACCOUNT = 'account';
const ANSWERS = 5;
const STEPS_MAX = 6;
const HOLDER_MAX = 2;

interface Half {
  readonly purpose: Purpose;
  readonly credentials: number;
  readonly proofs: readonly Proof[];
  readonly link: number | undefined;
  readonly wrong: number;
  readonly open: boolean;
}

/** A proof that was judged, or a form that was sent: its transaction comes later, whatever happens meanwhile. */
interface Judged {
  readonly proof: Proof;
  readonly credentials: number;
  readonly half: number | undefined;
  /** The account as it was looked at. */
  readonly seen: number;
}

interface Session {
  readonly proofs: readonly Proof[];
  readonly credentials: number;
  readonly open: boolean;
}

interface World {
  readonly events: readonly AccountEvent[];
  readonly links: readonly {
    readonly purpose: 'reset' | 'reactivate';
    readonly state: MailedLink;
    readonly used: number;
  }[];
  readonly halves: readonly Half[];
  readonly judged: readonly Judged[];
  /** Of the attacker. */
  readonly sessions: readonly Session[];
  readonly stepsUsed: number;
  readonly holderDid: number;
  readonly broken?: string;
}

/** What the machine stands on beside the deciders, as `sign-in.service.ts`, `recoveries.service.ts` and `half-sessions.ts` have it. */
const RULES = {
  next,
  /** What was begun or judged under another number of credentials is dead. */
  lives: (seen: number, now: number) => seen === now,
  /** Five wrong answers end a half session: each is taken before it is judged. */
  mayAnswer: (wrong: number) => wrong < ANSWERS,
  /** By the account as it is now, under its lock. */
  asItIs: (now: readonly AccountEvent[], _seen: readonly AccountEvent[]) => now,
  /** A code is spent in the transaction of what it leads to. */
  stepIsFresh: (used: number): boolean => used === 0,
  spendsLinks: true,
  /** Sessions end when what proved them has changed. */
  endsSessions: true,
  /** Its row goes in the session's transaction. */
  endsHalf: true,
};
type Rules = typeof RULES;

const stateOf = (events: readonly AccountEvent[]) => {
  const state = fold(decider, events as readonly (AccountEvent & DomainEvent)[]);
  if (state.status === 'unregistered') throw new Error('the account has been registered');
  return state;
};
const credentialsOf = (events: readonly AccountEvent[]) => events.findLastIndex(movesCredentials) + 1;

const replaced = <T>(all: readonly T[], at: number, by: T): T[] => all.map((each, n) => (n === at ? by : each));

/** Carries out a command; what proves the account has changed, so its sessions end. */
function decided(world: World, rules: Rules, command: AccountCommand, ends = true): World {
  const events = decider.decide(command, stateOf(world.events));
  if ('refused' in events || events.length === 0) return world;
  const moved =
    events.some((event) => movesCredentials(event)) || events.some(({ type }) => type === 'AccountSuspended');
  return {
    ...world,
    events: [...world.events, ...events],
    sessions:
      ends && moved && rules.endsSessions ? world.sessions.map((each) => ({ ...each, open: false })) : world.sessions,
  };
}

const HOLDER = {
  'changes the password': { type: 'SetPassword', how: 'change', hash: 'another', alone: true, at: AT },
  'turns multi-factor on': {
    type: 'SetMultiFactor',
    enabled: true,
    demanded: false,
    codes: { salt: 's', digests: ['c'] },
    at: AT,
  },
  'turns multi-factor off': {
    type: 'SetMultiFactor',
    enabled: false,
    demanded: false,
    codes: { salt: 's', digests: [] },
    at: AT,
  },
  'is suspended by an operator': { type: 'SuspendAccount', at: AT },
  'is suspended for inactivity': { type: 'SuspendForInactivity', dueAt: AT, at: AT, evidence: AT, latest: null },
} as const satisfies Record<string, AccountCommand>;

/**
 * What may happen next: to the account, and by the attacker. They know everything; a session must have been begun by the right part of it, so
 * that whoever knows less can do less.
 */
function* moves(world: World, rules: Rules): Generator<World> {
  const state = stateOf(world.events);
  const credentials = credentialsOf(world.events);
  const seen = world.events.length;
  if (world.holderDid < HOLDER_MAX)
    for (const command of Object.values(HOLDER)) {
      const after = decided(world, rules, command);
      if (after !== world) yield { ...after, holderDid: world.holderDid + 1 };
    }
  const judge = (proof: Proof, half?: number): World => ({
    ...world,
    judged: [
      ...world.judged,
      { proof, credentials: half === undefined ? credentials : (world.halves[half]?.credentials ?? 0), half, seen },
    ],
  });
  const fits: Readonly<Record<string, boolean>> = {
    'password': state.password?.hash !== HOLDER['changes the password'].hash,
    'totp': state.factors.some(({ kind }) => kind === 'authenticator'),
    'recovery-code': state.multiFactor && state.codes?.spent.length === 0,
    'passkey': state.factors.some(({ kind }) => kind === 'passkey'),
  };
  if (world.judged.length < 2) {
    for (const proof of ['password', 'passkey'] as const) if (fits[proof]) yield judge(proof);
    for (const [at, half] of world.halves.entries()) {
      if (!half.open) continue;
      if (rules.mayAnswer(half.wrong)) {
        for (const proof of ['password', 'totp', 'recovery-code', 'passkey'] as const)
          if (fits[proof] && !half.proofs.includes(proof)) yield judge(proof, at);
        // Guesses come in fives here: what counts is whether there is a sixth.
        yield {
          ...world,
          halves: replaced(world.halves, at, { ...half, wrong: half.wrong === 0 ? ANSWERS : half.wrong + 1 }),
        };
      }
      if (half.purpose !== 'sign-in') yield judge('new-password', at);
    }
  }
  for (const purpose of ['reset', 'reactivate'] as const)
    if (!world.links.some((link) => link.purpose === purpose))
      yield {
        ...world,
        links: [
          ...world.links,
          { purpose, state: { status: 'requested', accountId: ACCOUNT, credentials, requestedAt: AT }, used: 0 },
        ],
      };
  for (const [link, { purpose, state: mailed }] of world.links.entries())
    if (isOpen(kindOf(purpose), mailed, { credentials, at: AT }) && world.halves.length < 2)
      yield {
        ...world,
        halves: [...world.halves, { purpose, credentials, proofs: ['link'], link, wrong: 0, open: true }],
      };
  for (const at of world.judged.keys()) yield committed(world, at, rules);
}

const kindOf = (purpose: 'reset' | 'reactivate') => (purpose === 'reset' ? 'reset' : 'reactivation');

/** The transaction of a proof: all or nothing. */
function committed(before: World, at: number, rules: Rules): World {
  const { judged: all } = before;
  const judged = all[at];
  const rest = { ...before, judged: all.filter((_, n) => n !== at) };
  if (!judged) return rest;
  const half = judged.half === undefined ? undefined : rest.halves[judged.half];
  const credentials = credentialsOf(rest.events);
  if (!rules.lives(judged.credentials, credentials) || (half && !half.open)) return rest;
  let world: World = rest;
  if (judged.proof === 'totp') {
    if (!rules.stepIsFresh(world.stepsUsed)) return rest;
    world = { ...world, stepsUsed: world.stepsUsed + 1 };
  }
  if (judged.proof === 'recovery-code') {
    const after = decided(world, rules, { type: 'SpendRecoveryCode', index: 0 });
    if (after === world) return rest;
    world = after;
  }
  const purpose = half?.purpose ?? 'sign-in';
  const proofs = [...(half?.proofs ?? []), judged.proof];
  const looked = rules.asItIs(world.events, world.events.slice(0, judged.seen));
  const followed = rules.next(claimed(ACCOUNT, stateOf(looked), undefined), purpose, proofs);
  if (followed.step === 'refuse') return rest;
  if (followed.step === 'prove') {
    // A form that asks for a password has set none yet.
    if (judged.proof === 'new-password') return rest;
    if (half && judged.half !== undefined)
      return { ...world, halves: replaced(world.halves, judged.half, { ...half, proofs }) };
    return world.halves.length < 2
      ? { ...world, halves: [...world.halves, { purpose, credentials, proofs, link: undefined, wrong: 0, open: true }] }
      : rest;
  }
  const { link } = half ?? {};
  if (link !== undefined) {
    const mailed = world.links[link];
    if (!mailed) return rest;
    if (rules.spendsLinks) {
      const used = mailedLinks[kindOf(mailed.purpose)].decide(
        { type: 'UseLink', credentials: half?.credentials ?? 0, at: AT },
        mailed.state,
      );
      if ('refused' in used) return rest;
      world = {
        ...world,
        links: replaced(world.links, link, { ...mailed, state: { status: 'used' }, used: mailed.used + 1 }),
      };
    } else world = { ...world, links: replaced(world.links, link, { ...mailed, used: mailed.used + 1 }) };
  }
  const standing = stateOf(world.events);
  if (judged.proof === 'new-password')
    world = decided(world, rules, {
      type: 'SetPassword',
      how: 'reset',
      hash: 'set by the attacker',
      alone: true,
      at: AT,
    });
  if (followed.reactivates) world = decided(world, rules, { type: 'ReactivateAccount', at: AT });
  if (half && judged.half !== undefined && rules.endsHalf)
    world = { ...world, halves: replaced(world.halves, judged.half, { ...half, open: false }) };
  const session = { proofs, credentials: credentialsOf(world.events), open: true };
  const broken = wrongIn(world, { standing, proofs, judged, half, credentials });
  return { ...world, sessions: [...world.sessions, session], ...(broken === undefined ? {} : { broken }) };
}

/** What must hold of a session that begins, said without the machine. */
function wrongIn(
  { links }: World,
  {
    standing,
    proofs,
    judged,
    half,
    credentials,
  }: {
    standing: ReturnType<typeof stateOf>;
    proofs: readonly Proof[];
    judged: Judged;
    half: Half | undefined;
    credentials: number;
  },
): string | undefined {
  const has = (...any: Proof[]) => any.some((proof) => proofs.includes(proof));
  if (!has('password', 'passkey') && !(has('link') && has('new-password'))) return 'without a first proof';
  if (standing.multiFactor && !has('totp', 'recovery-code', 'passkey')) return 'without the second proof of today';
  if (has('new-password') && !has('link')) return 'a password without its link';
  if (standing.status === 'suspended' && !has('link')) return 'of a suspended account, without a link';
  if (standing.status === 'suspended' && half?.purpose === 'reset') return 'of a suspended account, by a reset';
  if (standing.suspendedFor === 'operator') return 'against an operator';
  if (judged.credentials !== credentials) return 'by what was judged under other credentials';
  if (links.some(({ used }) => used > 1)) return 'by a link for the second time';
  return undefined;
}

/** What must hold at any time. */
function wrongNow(world: World): string | undefined {
  if (world.broken !== undefined) return world.broken;
  if (world.stepsUsed > 1) return 'a code for the second time';
  if (world.halves.some(({ wrong }) => wrong > ANSWERS)) return 'a sixth answer';
  const state = stateOf(world.events);
  if (world.sessions.some((each) => each.open && each.credentials !== credentialsOf(world.events)))
    return 'a session outlived its credentials';
  return state.status === 'suspended' && world.sessions.some(({ open }) => open)
    ? 'a session outlived a suspension'
    : undefined;
}

const AUTHENTICATOR: AccountCommand = {
  type: 'AddAuthenticator',
  factorId: 'a',
  secret: 's',
  name: 'n',
  codes: { salt: 's', digests: ['c'] },
  at: AT,
};
const PASSKEY: AccountCommand = {
  type: 'AddPasskey',
  factorId: 'p',
  credentialId: 'i',
  credentialDigest: 'd',
  publicKey: 'k',
  rpId: 'r',
  backupEligible: false,
  transports: [],
  aaguid: 'g',
  name: 'n',
  at: AT,
};
/** How an account may stand when the attacker comes. */
const STANDINGS: Readonly<Record<string, readonly AccountCommand[]>> = {
  'a password alone': [],
  'an authenticator': [AUTHENTICATOR],
  'a passkey, multi-factor off': [PASSKEY],
  'both': [AUTHENTICATOR, PASSKEY],
};

/** Goes through every state that can be reached; answers how many, and the first thing that must not be. */
function explore(rules: Rules): { readonly states: number; readonly wrong: string | undefined } {
  let states = 0;
  for (const commands of Object.values(STANDINGS)) {
    const empty: World = {
      events: [registered, passwordSet],
      links: [],
      halves: [],
      judged: [],
      sessions: [],
      stepsUsed: 0,
      holderDid: 0,
    };
    const made = commands.reduce((world, command) => decided(world, rules, command), empty);
    // An old cookie of theirs.
    const start = {
      ...made,
      sessions: [{ proofs: ['password'] as const, credentials: credentialsOf(made.events), open: true }],
    };
    const found = new Set([JSON.stringify(start)]);
    for (let worlds: World[] = [start], steps = 0; worlds.length > 0 && steps < STEPS_MAX; steps++) {
      const reached: World[] = [];
      for (const world of worlds)
        for (const after of moves(world, rules)) {
          const key = JSON.stringify(after);
          if (found.has(key)) continue;
          found.add(key);
          const wrong = wrongNow(after);
          if (wrong !== undefined) return { states: states + found.size, wrong };
          reached.push(after);
        }
      worlds = reached;
    }
    states += found.size;
  }
  return { states, wrong: undefined };
}

describe('the machine, whatever an attacker shows and whoever acts meanwhile', () => {
  it('begins no session that it should not, and lets none outlive what it began by', () => {
    const { states, wrong } = explore(RULES);
    expect(wrong).toBeUndefined();
    expect(states).toBeGreaterThan(100_000);
  });

  const nextWith =
    (edit: (...asked: Parameters<typeof next>) => Parameters<typeof next>): typeof next =>
    (...asked) =>
      next(...edit(...asked));
  it.each<[string, Partial<Rules>, string]>([
    [
      'takes a link for a password',
      {
        next: nextWith((account, wish, proofs) => [
          account,
          wish,
          proofs.includes('link') ? [...proofs, 'new-password'] : proofs,
        ]),
      },
      'without a first proof',
    ],
    [
      'forgets the second factor',
      { next: nextWith((account, ...rest) => [account && { ...account, multiFactor: false }, ...rest]) },
      'without the second proof of today',
    ],
    [
      'takes a link for a second factor',
      {
        next: nextWith((account, wish, proofs) => [
          account && { ...account, multiFactor: account.multiFactor && !proofs.includes('link') },
          wish,
          proofs,
        ]),
      },
      'without the second proof of today',
    ],
    [
      'forgets why an account is suspended',
      { next: nextWith((account, ...rest) => [account && { ...account, suspendedFor: 'inactivity' }, ...rest]) },
      'against an operator',
    ],
    [
      'lets a reset bring an account back',
      {
        next: nextWith((account, wish, proofs) => [
          account,
          wish === 'reset' && proofs.includes('new-password') ? 'reactivate' : wish,
          proofs,
        ]),
      },
      'of a suspended account, by a reset',
    ],
    ['judges by the account as it was', { asItIs: (_now, seen) => seen }, 'of a suspended account, without a link'],
    ['lets live what was judged before a change', { lives: () => true }, 'by what was judged under other credentials'],
    ['takes a code twice', { stepIsFresh: () => true }, 'a code for the second time'],
    ['takes a link twice', { spendsLinks: false, endsHalf: false }, 'by a link for the second time'],
    ['takes a sixth answer', { mayAnswer: () => true }, 'a sixth answer'],
    ['lets sessions outlive a change', { endsSessions: false }, 'a session outlived its credentials'],
  ])('is found out where it %s', (_what, broken, wrong) => {
    expect(explore({ ...RULES, ...broken }).wrong).toBe(wrong);
  });
});
