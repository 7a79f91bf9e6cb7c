const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
const listed = (names: readonly string[], max = 8) =>
  names.slice(0, max).join(', ') + (names.length > max ? ', …' : '');

export const organization = {
  parts: {
    label: 'Of the organization',
    members: 'Members',
    invitations: 'Invitations',
    singleSignOn: 'Single sign-on',
    domains: 'Domains',
    policy: 'Policy',
    activity: 'Activity',
  },
  create: 'Create organization',
  createTitle: 'Create an organization',
  createHint: 'You own it. Projects, people and keys are apart from those of your other organizations.',
  name: 'Name',
  rename: 'Rename',
  renameTitle: (name: string) => `Rename “${name}”`,
};

export const members = {
  title: 'Members',
  lead: 'Everybody in the organization, and what they have in it.',
  memberLead: 'Everybody in the organization.',
  find: { label: 'Find a member', placeholder: 'Find by name or e-mail' },
  count: (n: number, isMore: boolean) =>
    isMore ? `${n.toLocaleString('en')}+ members` : count(n, 'member', 'members'),
  nothing: { title: 'No member matches', text: 'Change the words above.', act: 'Show all members' },
  columns: {
    member: 'Member',
    role: 'Role',
    projects: 'Projects',
    keys: 'Active keys',
    factor: 'Second factor',
    seen: 'Last seen',
    due: 'Stays active until',
    joined: 'Joined',
    act: 'Actions',
  },
  suspended: 'Suspended',
  shutOut: 'Shut out',
  noProjects: 'None',
  andMore: (n: number) => `and ${n} more`,
  factor: { yes: 'On', no: 'Off' },
  unknown: '–',
  exempt: 'Exempt',
  onlyOwner: 'The only owner stays. Make somebody else an owner first.',
  actions: (name: string) => `Actions for ${name}`,
  theirKeys: 'Their keys',
  theirActivity: 'Their activity',
  makeOwner: 'Make owner…',
  makeMember: 'Make member…',
  removeItem: 'Remove…',
  role: {
    owner: {
      title: (name: string) => `Make ${name} an owner?`,
      text: 'Owners invite and remove people, see all projects and keys, and set how people sign in. An owner can make you a member.',
      act: 'Make owner',
    },
    member: {
      title: (name: string) => `Make ${name} a member?`,
      text: 'They keep their projects and keys, and no longer manage the organization.',
      act: 'Make member',
    },
  },
  remove: {
    title: (name: string, from: string) => `Remove ${name} from ${from}?`,
    act: 'Remove member',
    keys: (names: readonly string[], isMore: boolean) =>
      names.length === 0
        ? 'They have no keys here.'
        : `${names.length}${isMore ? '+' : ''} ${names.length === 1 && !isMore ? 'key is' : 'keys are'} revoked for good: ${listed(names)}.`,
    text: 'They leave all projects at once. Jobs that were already submitted still run. Their account and other organizations stay.',
  },
  leave: {
    section: 'Leave',
    row: 'Leave this organization',
    rowText: 'Your keys in it are revoked for good. An owner can invite you again.',
    item: 'Leave…',
    title: (name: string) => `Leave ${name}?`,
    act: 'Leave organization',
    keys: (names: readonly string[], isMore: boolean) =>
      names.length === 0
        ? 'You have no keys here.'
        : `${names.length}${isMore ? '+' : ''} ${names.length === 1 && !isMore ? 'key is' : 'keys are'} revoked for good: ${listed(names)}.`,
  },
};

export const invitations = {
  title: 'Invitations',
  lead: 'A mailed link works once, for 30 days.',
  invite: 'Invite people',
  count: (n: number, isMore: boolean) => (isMore ? `${n}+ invitations` : count(n, 'invitation', 'invitations')),
  which: { label: 'Which invitations', pending: 'Waiting', all: 'All' },
  empty: { title: 'Nobody is invited', text: 'Invite people by e-mail; they join with one click.' },
  columns: {
    email: 'E-mail',
    role: 'Role',
    projects: 'Projects',
    mail: 'Mail',
    sent: 'Sent',
    expires: 'Expires',
    status: 'Status',
    act: 'Actions',
  },
  by: (name: string) => `by ${name}`,
  mail: { waiting: 'On its way', accepted: 'Accepted', bounced: 'Bounced', failed: 'Given up', unknown: '–' },
  status: { pending: 'Waiting', accepted: 'Joined', revoked: 'Revoked', expired: 'Expired', lapsed: 'Lapsed' },
  actions: (email: string) => `Actions for ${email}`,
  again: 'Send again',
  revokeItem: 'Revoke…',
  sentAgain: (email: string) => `Sent again to ${email}. The older link is dead.`,
  revoke: {
    title: (email: string) => `Revoke the invitation of ${email}?`,
    text: 'The mailed link stops working. You can invite them again.',
    act: 'Revoke invitation',
  },
  form: {
    title: (name: string) => `Invite people to ${name}`,
    emails: 'E-mails',
    emailsHint: 'One a line, or with commas between. Up to 100 at once.',
    tooMany: 'Up to 100 at once',
    none: 'Type at least one e-mail',
    role: 'Role',
    roles: [
      ['member', 'Member'],
      ['owner', 'Owner'],
    ] as const,
    ownerHint: 'Owners manage people, projects, keys and how people sign in.',
    memberHint: 'Members work in the projects that they are in.',
    projects: 'Projects',
    act: 'Send invitations',
    outcomes: 'What became of each',
    sent: 'Invited',
    sentAll: (n: number) => `${count(n, 'invitation is', 'invitations are')} on the way.`,
    someFailed: 'Those that failed are still in the field. Change them and send again.',
  },
};

export const domains = {
  title: 'Domains',
  lead: 'Proving a domain by DNS says that its addresses are your organization’s. Single sign-on governs members with an address in them.',
  claim: 'Claim domain',
  claimTitle: 'Claim a domain',
  domain: 'Domain',
  domainHint: 'Such as acme.example. Each subdomain is claimed by itself.',
  empty: { title: 'No domains yet', text: 'Claim yours to let its people sign in at your provider.' },
  status: { claimed: 'Waits for its record', verified: 'Verified', lapsed: 'Lapsed' },
  record: 'TXT record',
  recordLead: 'Add this record to your DNS. It is looked for every few seconds while this page is open.',
  recordName: 'Name',
  recordValue: 'Value',
  expires: (day: string) => `Until ${day}; then the claim ends.`,
  proved: (day: string) => `Proved on ${day}. Leave the record in place.`,
  missing: (day: string) => `The record has been missing since ${day}. Put it back and verify.`,
  lapsed: 'Passwords stay off and nobody new is let in. Put the record back and verify.',
  looking: 'Looking for the record',
  notYet: 'Not there yet. DNS can take minutes.',
  verify: 'Verify',
  release: 'Release',
  releaseItem: 'Release…',
  releaseTitle: (domain: string) => `Release ${domain}?`,
  releaseText: {
    claimed: 'The claim ends. You can claim it again.',
    verified: 'Its people no longer sign in at your provider; another organization can prove it.',
    lapsed: 'Its people no longer sign in at your provider; another organization can prove it.',
  },
  releaseAct: 'Release domain',
};

export const policy = {
  title: 'Policy',
  lead: 'What the organization asks of everybody in it.',
  demands: 'Demands',
  factor: 'Second factor',
  factorOff: 'People choose by themselves whether they are asked for a second factor.',
  factorFrom: (day: string) =>
    `From ${day} on, whoever has no second factor reaches their own account alone until they add one.`,
  factorOn: (day: string) =>
    `Since ${day}. Whoever has no second factor reaches their own account alone until they add one.`,
  demand: 'Demand second factor',
  waive: 'Stop demanding',
  demandTitle: 'Demand a second factor?',
  from: 'From',
  fromHint: 'At least 7 days from now, so that everybody can add one. They are told by mail.',
  without: (names: readonly string[], isMore: boolean) =>
    names.length === 0
      ? 'Everybody has one already.'
      : `${names.length}${isMore ? '+' : ''} ${names.length === 1 && !isMore ? 'person has' : 'people have'} none yet: ${listed(names)}.`,
  yours: 'Your API keys and those of others go on working.',
  waiveTitle: 'Stop demanding a second factor?',
  waiveText: 'Whoever has one keeps it, and may turn it off.',
  idle: 'Session time-out',
  idleOff: 'People choose by themselves whether their sessions end when they are away.',
  idleOn: 'Sessions of everybody here end after 30 minutes without them.',
  idleTitle: 'Demand the session time-out?',
  idleText:
    'Sessions of everybody in the organization end after 30 minutes without them, those that are open too. They are asked two minutes before. API keys are not touched.',
  idleAct: 'Demand time-out',
  idleWaiveTitle: 'Stop demanding the session time-out?',
  idleWaiveText: 'Each person’s own choice holds again.',
  later: 'It is saved. It holds everywhere within seconds.',
};

export const activity = {
  title: 'Activity',
  lead: 'What people did in the organization, newest first.',
  person: { label: 'Person', all: 'All people' },
  kind: { label: 'Kind', all: 'Everything' },
  key: { label: 'Key', all: 'All keys' },
  empty: { title: 'Nothing happened yet', text: 'What people change appears here.' },
  nothing: { title: 'Nothing matches', text: 'Change the choices above.', act: 'Show everything' },
  events: 'Events',
  raw: 'raw',
  rawOf: (sentence: string) => `As programs are told it: ${sentence}`,
};
