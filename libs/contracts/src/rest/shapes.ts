import { z } from 'zod';
import { isEmail } from './email.ts';

/** A text that a person typed: trimmed, without control characters, of bounded length. */
const text = (min: number, max: number) =>
  z
    .string()
    .trim()
    .min(min)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'must not contain control characters');

export const id = z.uuid();
export const instant = z.iso.datetime({ offset: true });
/** A name that a person typed for others to read: it shows something, and reverses nothing that stands beside it. */
export const name = text(1, 100)
  .regex(/(?![\p{DI}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u, 'must show at least one character')
  .regex(
    /^[^\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]*$/u,
    'must not contain characters that change the direction of text',
  )
  .meta({ examples: ['Analytical Engines'] });
/** `ada@example.com`, the domain in any script (RFC 5891). RFC 5321 §4.5.3.1: 64 characters before the @, 63 between two dots, 254 in all. */
export const email = z
  .string()
  .trim()
  .max(254)
  .refine(isEmail, 'must be an address such as ada@example.com')
  .meta({ format: 'idn-email', examples: ['ada@example.com'] });
/** Length and strength are judged by identity, which can say more. */
export const password = z
  .string()
  .min(1)
  .max(1024)
  .meta({ examples: ['a long walk in the rain'] });
export const token = z
  .string()
  .min(1)
  .max(200)
  .meta({ examples: ['Wq3n0mR8w6fK2tJx5vYb7cZdLhPsUaEg'] });
export const role = z.enum(['owner', 'member']);
export const scope = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/, 'must look like jobs:read')
  .max(64)
  .meta({ examples: ['jobs:read'] });
/** Opens an organization's record: what everybody in it did. Always named. */
export const RECORD_SCOPE = 'events:read';
/** Stands for every other scope, those that come to be later too. */
export const EVERY_SCOPE = '*';
/** What a key may do. */
export const keyScopes = z
  .array(z.union([scope, z.literal(EVERY_SCOPE)], `must look like jobs:read, or be ${EVERY_SCOPE}`))
  .min(1, 'must name at least one scope; * stands for all')
  .max(50);

/** What answers show; where it was typed, it was judged. */
const shown = (example: string) => z.string().meta({ examples: [example] });
const [address, person, organizationName, projectName, keyName] = [
  'ada@example.com',
  'Ada Lovelace',
  'Analytical Engines',
  'Mill',
  'laptop',
].map(shown) as [z.ZodString, z.ZodString, z.ZodString, z.ZodString, z.ZodString];
export const secret = shown('rck_03560MM1UtguvpVSIrQdUE_sYIWgnFGKrW5jXg6kfw9LDZ8qPp1lCTCqDYvoOEI182_LbkGFA');

export const account = z.object({
  id,
  email: address,
  name: person,
  createdAt: instant,
  idleTimeout: z.object({
    enabled: z.boolean(),
    minutes: z.int().meta({ examples: [30] }),
    requiredByOrganization: z.boolean(),
  }),
});
export const session = z.object({
  id,
  createdAt: instant,
  lastSeenAt: instant,
  current: z.boolean(),
  methods: z.array(z.string()).meta({ examples: [['password', 'totp']] }),
});
/** As its holder's list shows it. */
export const listedSession = session.extend({
  device: z.string().meta({ examples: ['Firefox on Linux'] }),
  network: z.string().meta({ examples: ['203.0.113.0/24'] }),
});
/** A code as it is typed, blanks and dashes too. */
export const code = z
  .string()
  .min(1)
  .max(100)
  .meta({ examples: ['123 456'] });
/** The same, of one of the codes that are kept on paper. */
export const typedRecoveryCode = code.meta({ examples: ['7h3k-9m2p-x4qr-c8wz'] });
export const totpSecret = shown('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
export const totpUri = shown(
  'otpauth://totp/Rollcall:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Rollcall',
);
/** What its holder calls an authenticator or a passkey. */
export const factorName = name.meta({ examples: ['Phone'] });
/** What an authenticator answers, as `toJSON()` of a browser's credential gives it (WebAuthn L3 §5.1). */
export const passkeyAnswer = z
  .looseObject({ id: z.string().min(1).max(1400), response: z.looseObject({}) })
  .meta({ examples: [{ id: 'iT3…', type: 'public-key', response: { clientDataJSON: 'eyJ…', signature: 'MEU…' } }] });
/** For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`. */
export const passkeyOptions = z
  .looseObject({ challenge: z.string() })
  .meta({ examples: [{ challenge: 'AZrP…', rpId: 'rollcall.example', userVerification: 'required' }] });
export const recoveryCode = z.string().meta({ examples: ['7h3k-9m2p-x4qr-c8wz'] });
/** A sign-in that waits for another proof. */
export const half = z.object({
  purpose: z.enum(['sign-in', 'reset', 'reactivate', 'bind']),
  next: z.enum(['first', 'second-factor', 'new-password', 'single-sign-on']).meta({ examples: ['second-factor'] }),
  accepts: z.array(z.string()).meta({ examples: [['totp', 'recovery-code']] }),
  endsAt: instant,
});
/** One that a link of this purpose begins. */
export const halfFor = (purpose: z.output<typeof half>['purpose']) =>
  half.extend({ purpose: half.shape.purpose.meta({ examples: [purpose] }) });
export const factor = z.object({
  id,
  kind: z.enum(['authenticator', 'passkey']),
  name: z.string().meta({ examples: ['Phone'] }),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  backedUp: z
    .boolean()
    .nullable()
    .meta({ examples: [false] }),
});
export const passkey = factor.extend({ kind: factor.shape.kind.meta({ examples: ['passkey'] }) });
export const security = z.object({
  password: z.object({ setAt: instant, alone: z.boolean() }).nullable(),
  multiFactor: z.object({ enabled: z.boolean(), demandedBy: z.array(id) }),
  factors: z.array(factor),
  codesLeft: z.int(),
  passkeys: z.boolean(),
  provenUntil: instant.nullable(),
  proofAccepts: z.array(z.string()).meta({ examples: [['password', 'totp']] }),
  pendingAddress: z.string().nullable(),
  recovery: z.object({ dueAt: instant.nullable() }).nullable(),
});
/** Whether the organization is open to this member: the provider may say that it is not. */
const standing = z.enum(['active', 'deactivated']);
export const organization = z.object({ id, name: organizationName, role, status: standing });
/** With what it asks of its people. */
export const organizationDetail = organization.extend({
  secondFactor: z.object({ required: z.boolean(), from: instant.nullable() }),
  idleTimeout: z.object({ required: z.boolean() }),
});
export const project = z.object({ id, organizationId: id, name: projectName, status: z.enum(['active', 'archived']) });
/** As lists and the project's own page show it to the person who asks. */
export const projectDetail = project.extend({
  /** Whether I am in it: owners see all projects, and nobody makes keys in those that they are not in. */
  member: z.boolean(),
  createdAt: instant,
  /** Keys that neither were revoked nor have expired, and jobs that were submitted in the last 30 days; null while nobody can be asked. */
  counts: z.object({ people: z.int(), activeKeys: z.int().nullable(), jobs: z.int().nullable() }),
});
const namedProject = z.object({ id, name: projectName });
export const member = z.object({
  accountId: id,
  name: person,
  email: address,
  role,
  joinedAt: instant,
  status: standing,
});
/** What owners see of a member beside that: the account's own standing, and what it has in the organization. Left out while nobody can be asked. */
const watched = z.object({
  accountStatus: z.enum(['active', 'suspended']),
  secondFactor: z.boolean(),
  lastSeenAt: instant.nullable(),
  /** When the account will be suspended if nobody uses it. */
  dueAt: instant.nullable(),
  /** The first 20 of `projectCount`, without archived ones. */
  projects: z.array(namedProject),
  projectCount: z.int(),
  activeKeys: z.int(),
});
export const watchedMember = member.extend(watched.partial().shape);
export const affectedPerson = z.object({ accountId: id, name: person, email: address });
export const projectMember = affectedPerson.extend({ role });
export const invitation = z.object({
  id,
  email: address,
  role,
  projectIds: z.array(id),
  expiresAt: instant,
  status: z.enum(['pending', 'accepted', 'revoked', 'expired', 'lapsed']),
});
/** As owners see it listed. */
export const listedInvitation = invitation.extend({
  createdAt: instant,
  /** Who stands for it; the name as long as they are here. */
  inviter: z.object({ accountId: id, name: person.nullable() }),
  projects: z.array(namedProject),
  /** What became of the newest mail: under way, taken by the mail server, returned, or given up after many tries; null while nobody can be asked. */
  mail: z.enum(['waiting', 'accepted', 'bounced', 'failed']).nullable(),
});
/** An invitation as the person sees it who was invited. */
export const ownInvitation = z.object({
  id,
  organization: z.object({ id, name: organizationName }),
  role,
  expiresAt: instant,
});
/** A day, UTC. */
export const day = z.iso.date().meta({ examples: ['2026-11-29'] });
export const key = z.object({
  id,
  name: keyName,
  projectId: id,
  projectName,
  accountId: id,
  accountName: person,
  start: shown('rck_…UtguvE'),
  status: z.enum(['active', 'expired', 'revoked']),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  scopes: z.array(shown('jobs:read')),
  addresses: z.array(shown('203.0.113.0/24')),
  /** Of the last 30 days those on which it was used, UTC. */
  usedDays: z.array(day),
  revokedAt: instant.nullable(),
  /** The key that came in its place. */
  replacedBy: id.nullable(),
});
/** A key with its whole story. */
export const keyDetail = key.extend({
  revokeNote: z.string().nullable(),
  revokedFor: z.enum(['requested', 'leaked', 'owner-left', 'operator']).nullable(),
  /** Empty for whoever is no longer known here. */
  revokedBy: z.object({ accountId: id.nullable(), name: person }).nullable(),
  replaces: id.nullable(),
});
export const jobStatus = z.enum(['submitted', 'ready', 'started', 'canceled', 'failed', 'completed']);
export const job = z.object({
  id,
  projectId: id,
  name: shown('Bell pair').nullable(),
  status: jobStatus,
  backend: shown('simulator'),
  shots: z.int(),
  submittedAt: instant,
  startedAt: instant.nullable(),
  completedAt: instant.nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Empty names of whoever is no longer known here. */
  submitter: z.object({ id, name: person }),
  key: z.object({ id, name: keyName }),
});
/** How likely each measured state is, in decimals, and how often it was measured where a noise model was set. */
const histogram = z.object({
  probabilities: z.record(z.string(), z.number()).meta({ examples: [{ 0: 0.5, 3: 0.5 }] }),
  counts: z
    .record(z.string(), z.int())
    .nullable()
    .meta({ examples: [{ 0: 512, 3: 488 }] }),
  /** How many states there are: of more than 1,000 the likeliest are shown. */
  states: z.int().meta({ examples: [2] }),
});
/** A job with all that is told of it. Of several circuits each has results of its own, by its id. */
export const jobDetail = job.extend({
  type: shown('ionq.circuit.v1'),
  dryRun: z.boolean(),
  qubits: z.int().meta({ examples: [2] }),
  noiseModel: shown('ideal'),
  settings: z.record(z.string(), z.unknown()),
  parentJobId: id.nullable(),
  childJobIds: z.array(id),
  executionMs: z.int().nullable(),
  results: histogram.nullable(),
});
/** A day (UTC) on which jobs were submitted, and what has become of them. */
export const jobDay = z.object({ day, completed: z.int(), failed: z.int(), canceled: z.int(), open: z.int() });

/** Something that happened in an organization. */
export const recorded = z.object({
  id,
  type: shown('KeyRevoked.v1'),
  at: instant,
  organizationId: id,
  /** As programs were told it. */
  data: z.record(z.string(), z.unknown()),
  /** Who did it; null where nothing was kept of that. */
  actor: z
    .object({ kind: z.enum(['account', 'operator', 'service']), accountId: id.nullable(), name: person.nullable() })
    .nullable(),
  /** What the people, projects and keys in `data` are called now, by the fields they stand in; null for those who left, and for what is not known or cannot be asked now. */
  names: z
    .record(z.string(), z.string().nullable())
    .meta({ examples: [{ keyId: 'laptop', accountId: 'Ada Lovelace' }] }),
});

/** A page of a list. `stale`: what the reader itself just changed may not show yet. */
export const list = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), next: z.string().nullable(), stale: z.literal(true).optional() });
export const page = { limit: z.coerce.number().int().min(1).max(200).default(50), after: z.uuid().optional() };
/** A place in a record, as it was given out: opaque to those who carry it. */
export const recordPlace = z.string().regex(/^r[0-9a-z]{1,10}$/, 'must be the `next` of an earlier answer');
export const nothing = z.strictObject({});
/** Whether a decision holds at every gate already; with `false` (202) it stands and will within seconds. */
export const enforced = z.object({ enforced: z.boolean() });

/** Characters that a password has at least: where it is all that is asked for, and beside a second factor (NIST SP 800-63B-4 §3.1.1). */
export const passwordLengths = { alone: 15, beside: 8 } as const;

/** RFC 9457 §3.2: a problem may say more of itself. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  // Of `session/proof-required`: what proves it anew, and how long that counts.
  accepts: z.array(z.string()).optional(),
  withinSeconds: z.int().optional(),
  // Of `factor/refused`: the passkey is no longer known here.
  unknownCredential: z.literal(true).optional(),
  // Of `account/suspended`, after the full proof: by what, and since when.
  reason: z.string().optional(),
  since: instant.optional(),
  // Of `recovery/not-due`: from when on.
  dueAt: instant.optional(),
});
