/** Something that happened, as its sentence is made: who did it, what the things in it are called, and what was told. */
export interface Happened {
  who: string;
  /** What the thing in this field is called; or what it is, where its name is not known any more. */
  name: (field: string) => string;
  data: Readonly<Record<string, unknown>>;
}

/** Who did something that no known person did. */
export const who = { operator: 'An operator', service: 'Rollcall', gone: 'Somebody who left', unknown: 'Somebody' };

const quoted = (name: string) => `“${name}”`;
const role = (data: Happened['data']) => (data.role === 'owner' ? 'an owner' : 'a member');
const day = (value: unknown) =>
  new Date(String(value)).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const days = (n: unknown) => (n === 1 ? '1 day' : `${String(n)} days`);

const REASONS: Readonly<Record<string, string>> = {
  'leaked': ' because it had leaked',
  'owner-left': ' because its person left',
  'operator': ' as an operator',
};

/** What nobody did by hand came along with something else: a first project with its account. */
const created = (by: string, what: string) => (by === who.service ? `${what} was created.` : `${by} created ${what}.`);

/** A sentence for each type of event that an organization's record holds. */
export const sentences: Readonly<Record<string, (of: Happened) => string>> = {
  'OrganizationCreated.v1': ({ who, data }) => created(who, `the organization ${quoted(String(data.name))}`),
  'OrganizationRenamed.v1': ({ who, data }) => `${who} renamed the organization to ${quoted(String(data.name))}.`,
  'OrganizationOrphaned.v1': () => 'The organization lost its last active owner; an operator decides.',
  'MemberJoined.v1': ({ name, data }) => `${name('accountId')} joined as ${role(data)}.`,
  'MemberRoleChanged.v1': ({ who, name, data }) => `${who} made ${name('accountId')} ${role(data)}.`,
  'MemberRemoved.v1': ({ who, name, data }) =>
    data.reason === 'left' ? `${name('accountId')} left the organization.` : `${who} removed ${name('accountId')}.`,
  'MemberDeactivated.v1': ({ name, data }) =>
    data.reason === 'guest'
      ? `${name('accountId')} was shut out: the organization takes no guests.`
      : `${name('accountId')} was shut out by the identity provider.`,
  'MemberActivated.v1': ({ name, data }) =>
    data.reason === 'guest'
      ? `${name('accountId')} may be here as a guest again.`
      : `${name('accountId')} was let in again by the identity provider.`,
  'SecondFactorRequired.v1': ({ who, data }) =>
    `${who} demanded a second factor of everybody from ${day(data.from)} on.`,
  'SecondFactorWaived.v1': ({ who }) => `${who} stopped demanding a second factor.`,
  'IdleTimeoutRequired.v1': ({ who }) => `${who} demanded the session time-out of everybody.`,
  'IdleTimeoutWaived.v1': ({ who }) => `${who} stopped demanding the session time-out.`,
  'ProjectCreated.v1': ({ who, data }) => created(who, `the project ${quoted(String(data.name))}`),
  'ProjectRenamed.v1': ({ who, data }) => `${who} renamed a project to ${quoted(String(data.name))}.`,
  'ProjectArchived.v1': ({ who, name }) => `${who} archived ${name('projectId')}.`,
  'ProjectMemberAdded.v1': ({ who, name }) =>
    who === name('accountId')
      ? `${who} joined ${name('projectId')}.`
      : `${who} added ${name('accountId')} to ${name('projectId')}.`,
  'ProjectMemberRemoved.v1': ({ who, name }) =>
    who === name('accountId')
      ? `${who} left ${name('projectId')}.`
      : `${who} removed ${name('accountId')} from ${name('projectId')}.`,
  'InvitationSent.v1': ({ who }) => `${who} sent an invitation.`,

  'KeyIssued.v1': ({ who, name, data }) =>
    data.replaces === null || data.replaces === undefined
      ? `${who} created the key ${quoted(String(data.name))} in ${name('projectId')}.`
      : `${who} created the key ${quoted(String(data.name))} in place of an older one.`,
  'KeyRevoked.v1': ({ who, name, data }) => `${who} revoked ${name('keyId')}${REASONS[String(data.reason)] ?? ''}.`,
  'KeyRotated.v1': ({ who, name, data }) =>
    `${who} rotated ${name('keyId')}; the old one works until ${day(data.worksUntil)}.`,
  'KeyRenamed.v1': ({ who, data }) => `${who} renamed a key to ${quoted(String(data.name))}.`,
  'KeyExpiring.v1': ({ data }) =>
    `The key ${quoted(String(data.name))} expires in ${days(data.daysLeft)}; its person was reminded.`,
  'KeyLeakReported.v1': ({ name }) => `The secret of ${name('keyId')} was reported as leaked.`,

  'SingleSignOnEnforced.v1': ({ who, data }) =>
    `${who} enforced single sign-on; sessions last ${data.sessionHours === 1 ? '1 hour' : `${String(data.sessionHours)} hours`}.`,
  'SingleSignOnTurnedOff.v1': ({ who, data }) =>
    ({
      operator: 'An operator turned single sign-on off.',
      replaced: 'Single sign-on by the older connection was turned off: another took its place.',
      removed: `${who} removed the connection, and single sign-on by it was turned off.`,
    })[String(data.reason)] ?? `${who} turned single sign-on off.`,
  'SingleSignOnEnding.v1': ({ data }) =>
    `An operator turns single sign-on off on ${day(data.dueAt)}, unless it is enforced anew before.`,
  'ScimTokenMade.v1': ({ who }) => `${who} made a token by which the identity provider keeps people.`,
  'ScimTokenRevoked.v1': ({ who }) => `${who} revoked a token of the identity provider.`,
  'ConnectionRemoved.v1': ({ who }) => `${who} removed a single sign-on connection.`,
  'CertificateExpiring.v1': ({ data }) =>
    `A certificate of the identity provider ends on ${day(data.expiresAt)}; owners were told.`,
  'BreakGlassUsed.v1': ({ name }) => `${name('accountId')} signed in without the provider, as the break-glass owner.`,
  'DomainVerified.v1': ({ who, data }) => `${who} proved the domain ${String(data.domain)}.`,
  'DomainMissed.v1': ({ data }) =>
    `The record of the domain ${String(data.domain)} has been missing since ${day(data.since)}.`,
  'DomainLapsed.v1': ({ data }) => `The domain ${String(data.domain)} lapsed: its record was missing for 30 days.`,
  'DomainReleased.v1': ({ who, data }) =>
    data.reason === 'proved-by-another'
      ? `The domain ${String(data.domain)} went to another organization, which proved it.`
      : `${who} released the domain ${String(data.domain)}.`,
};

/** What is said in place of a name that is not known any more. */
export const gone: Readonly<Record<string, string>> = {
  accountId: 'somebody who left',
  projectId: 'a project',
  keyId: 'a key',
};
/** How a known name is said. */
export const named = {
  accountId: (name: string) => name,
  projectId: (name: string) => `the project ${quoted(name)}`,
  keyId: (name: string) => `the key ${quoted(name)}`,
} as const;
export const unknown = (type: string) => `${type} happened.`;

/** What one chooses from, and the types that belong to each. */
export const kinds = {
  'people': [
    'People',
    [
      'MemberJoined.v1',
      'MemberRoleChanged.v1',
      'MemberRemoved.v1',
      'MemberDeactivated.v1',
      'MemberActivated.v1',
      'InvitationSent.v1',
    ],
  ],
  'keys': [
    'API keys',
    ['KeyIssued.v1', 'KeyRevoked.v1', 'KeyRotated.v1', 'KeyRenamed.v1', 'KeyExpiring.v1', 'KeyLeakReported.v1'],
  ],
  'projects': [
    'Projects',
    [
      'ProjectCreated.v1',
      'ProjectRenamed.v1',
      'ProjectArchived.v1',
      'ProjectMemberAdded.v1',
      'ProjectMemberRemoved.v1',
    ],
  ],
  'single-sign-on': [
    'Single sign-on',
    [
      'SingleSignOnEnforced.v1',
      'SingleSignOnTurnedOff.v1',
      'SingleSignOnEnding.v1',
      'ScimTokenMade.v1',
      'ScimTokenRevoked.v1',
      'ConnectionRemoved.v1',
      'CertificateExpiring.v1',
      'BreakGlassUsed.v1',
      'DomainVerified.v1',
      'DomainMissed.v1',
      'DomainLapsed.v1',
      'DomainReleased.v1',
    ],
  ],
  'organization': [
    'Organization',
    [
      'OrganizationCreated.v1',
      'OrganizationRenamed.v1',
      'OrganizationOrphaned.v1',
      'SecondFactorRequired.v1',
      'SecondFactorWaived.v1',
      'IdleTimeoutRequired.v1',
      'IdleTimeoutWaived.v1',
    ],
  ],
} as const satisfies Record<string, readonly [string, readonly string[]]>;
