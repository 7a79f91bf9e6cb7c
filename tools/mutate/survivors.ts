const BEGUN =
  'A stream begins with its first event, by the version at which it is appended: the check is for the compiler.';
const ONE = 'Of what is looked for there is one at most, so the first is the last.';
const TIE = 'Where both are equal, either is the same.';
const MARK = 'A map that is used as a set: nobody reads the value.';
const SPARED = 'It spares work, and changes no answer.';
const FIGURE = 'A figure that was chosen: a test would only say it again.';
const ONE_LETTER = 'A category of one letter or none is cut off by either way in the same place.';
const SAID = 'It stands in the words of a refusal alone.';
const LINKED = 'Only what asks for a link names an account: the half of the condition is for the compiler.';
const NEITHER = 'Decisions ask only whether it is one of the other states.';

const MEMORY = 'Two lists that are the same are told apart by nobody: it spares memory.';
const AGAIN = 'What is granted already is granted again without effect.';
const STATEMENT = 'By its name the server keeps the plan of a statement: that spares work, and changes no answer.';
const ALWAYS_SAYS = 'A statement that writes says how many: the default is for the compiler.';
const WARNS = 'What is told to a log when a turn fails, which tells of its failures itself.';
const ENDS = 'A token must say when it ends: the default is for the compiler.';
const NO_KEY = 'What is no key, or no file, is refused by who reads it.';
const NAMED = 'Who is named must be who has signed, and their key is looked for among those of callers alone.';
const ANY = 'Events of one stream have one id, and there is one at least.';
const DIGIT = 'There is a letter for each digit: the default is for the compiler.';
const named = (...places: readonly string[]) => Object.fromEntries(places.map((place) => [`${place} → ''`, STATEMENT]));

/** Mutants that no test finds, and why none need: file, then the mutant's key. */
export const SURVIVORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'apps/gateway/src/http/credentials.ts': {
    "refuseKeyInAddress: '%' → ''": SPARED,
    'timesSent: i < rawHeaders.length → i <= rawHeaders.length': 'Behind the last name there is none.',
  },
  'apps/gateway/src/http/methods.ts': {
    "add: 'string' → ''": 'A text among lists is gone through as one.',
    "add: typeof method === 'string' → false": 'A text among lists is gone through as one.',
  },
  'apps/gateway/src/http/body.ts': { 'readBody: 1 → 1 + 1': 'Only the first part is looked at.' },
  'apps/gateway/src/gate/addresses.ts': {
    'allows: contains === undefined → true': SPARED,
    "compile: '' → 'mutant'": 'A text that is split has a first part: the default is for the compiler.',
  },
  'apps/gateway/src/gate/cache-lease.ts': {
    'NONE: 0 → 0 + 1': 'No clock shows the first millisecond there is: a lease of one lasts at no instant.',
    'registration: 0 → 0 + 1': 'It is only asked whether it is still the same.',
    'applied: 0 → 0 + 1': 'Registering sets it before anybody reads it.',
    'follow: registration !== this.registration → false':
      'Who has forgotten all has no epoch until the stream has ended: what it still brings makes it forget all once more.',
    'apply: 0 → 0 + 1': FIGURE,
    'apply: this.pending.ms > 0 → this.pending.ms >= 0': AGAIN,
    'renew: this.epoch === undefined → false': SPARED,
    "renew: this.logger.debug(errorFields(error), 'a renewal of the lease failed'); → (nothing)":
      'A line for who looks for a fault.',
    'ask: this.epoch === undefined || this.stopped → this.epoch === undefined && this.stopped':
      'Who has stopped has forgotten the epoch, too.',
    'ask: this.epoch === undefined || this.stopped → false': 'Who asks has an epoch: the check is for the compiler.',
    'ask: false → true': 'To renew says anew whether one is owed.',
    'ask: this.owed = false; → (nothing)': 'To renew says anew whether one is owed.',
    'offer: grant.monotonic > this.pending.monotonic → grant.monotonic >= this.pending.monotonic': TIE,
    'grant: grant.monotonic > this.granted.monotonic → grant.monotonic >= this.granted.monotonic': TIE,
    'grant: this.pending.monotonic <= grant.monotonic → this.pending.monotonic < grant.monotonic': AGAIN,
    'grant: this.pending.monotonic <= grant.monotonic → false': AGAIN,
  },
  'apps/gateway/src/gate/coalesce.ts': {
    'coalesce: open?.questions === questions → true':
      'A batch that is full is closed when it leaves though another is open: that one is then followed by a third, and all are answered.',
  },
  'apps/gateway/src/gate/identity-headers.ts': { 'identityOf: scopes.length === 0 → false': SPARED },
  'apps/gateway/src/gate/key-gate.ts': {
    'PRESENTED_MAX: 200 → 200 + 1': FIGURE,
    'judge: presented.length > PRESENTED_MAX → presented.length >= PRESENTED_MAX': FIGURE,
    "judge: '' → 'mutant'": 'Neither names a kind of credentials.',
    'orNone: list.length === 0 → false': MEMORY,
    'keep: expiresAt === undefined → false': 'What is no instant is never over.',
  },
  'apps/gateway/src/gate/key-uses.ts': {
    'FLUSH_EVERY_MS: 3_000 → 3_000 + 1': FIGURE,
    "constructor: logger.error(errorFields(error), 'when keys were last used could not be told'); → (nothing)": WARNS,
    "constructor: { firstMs: FLUSH_EVERY_MS, alarm: (error) => { logger.error(errorFields(error), 'when keys… → {}":
      WARNS,
    'constructor: this.flushing.start(); → (nothing)':
      'All is told at the end, too. That it is told every few seconds is seen by the tests of the whole product.',
    'onApplicationShutdown: await this.flushing.stop(); → (nothing)':
      'It keeps no process alive, and when all is told it has nothing to tell.',
    'flush: some.length === 0 → false':
      "Who stops tells only what there is; in between an empty list is told to nobody's harm.",
    'flush: true → false': 'Asked for only where there was something to tell.',
    'flush: return false; → (nothing)': 'It is as good as false.',
  },
  'apps/gateway/src/gate/look-ups.ts': {
    'constructor: 2_000 → 2_000 + 1': FIGURE,
    'constructor: 8_192 → 8_192 + 1': FIGURE,
    'turn: clearTimeout(late); → (nothing)':
      'Who has had their turn is in no queue any more, so their time running out does nothing.',
    ...Object.fromEntries(
      [
        '0 → 0 + 1',
        'queue.waiting.size === 0 → queue.waiting.size !== 0',
        'queue.running === 0 && queue.waiting.size === 0 → false',
      ].map((edit) => [`take: ${edit}`, 'An empty queue that is kept costs memory alone.']),
    ),
  },
  'apps/gateway/src/gate/session-check.ts': { "constructor: '' → 'mutant'": 'The two need only differ.' },
  'apps/gateway/src/gate/verdict-cache.ts': {
    'WITHDRAWN_MAX: 100_000 → 100_000 + 1': FIGURE,
    'find: return undefined; → (nothing)': 'It is what is returned without it.',
    'refuse: this.max === 0 → false': SPARED,
    'stands: this.withdrawn.size === 0 → false': SPARED,
    'keep: oldest !== undefined → true':
      'Where there are as many as may be there is an oldest: the check is for the compiler.',
    'refuse: oldest !== undefined → true': 'As in keep.',
    'before: 0 → 0 + 1': 'A verdict from before the first withdrawal ever is asked for again: that is safe.',
  },
  'libs/event-sourcing/src/log/row.ts': {
    'categoryOf: 0 → 0 + 1': ONE_LETTER,
    'categoryOf: end > 0 → end >= 0': ONE_LETTER,
  },
  'libs/platform/src/tokens/api-key.ts': {
    'newApiKey: 32 → 32 + 1': 'More chance than there is room for.',
    "check: '' → 'mutant'": DIGIT,
    "base62: '' → 'mutant'": DIGIT,
    'looksLikeApiKey: i < CHECK_LENGTH → i <= CHECK_LENGTH': 'Behind both ends there is nothing that differs.',
    'keyOf: keys.set(installationKey, known); → (nothing)': SPARED,
  },
  'libs/platform/src/rpc/caller.guard.ts': {
    "CALLERS: 'rollcall:callers' → ''": 'A name that is written and read by the same constant.',
    'canActivate: [] → [undefined]': 'Nobody is called undefined.',
    'canActivate: token === undefined → false': 'No token proves as little as one that proves nothing.',
  },
  'libs/platform/src/rpc/caller-tokens.ts': {
    'REMEMBERED_MAX: 200 → 200 + 1': FIGURE,
    'caller: known.until > this.time.wall() → known.until >= this.time.wall()': TIE,
    'caller: known && known.until > this.time.wall() → false': SPARED,
    'caller: this.accepted.delete(token); → (nothing)': SPARED,
    ...Object.fromEntries(
      [
        '>= REMEMBERED_MAX → this.accepted.size > REMEMBERED_MAX',
        '>= REMEMBERED_MAX → this.accepted.size < REMEMBERED_MAX',
        '>= REMEMBERED_MAX → true',
        '>= REMEMBERED_MAX → false',
      ].map((edit) => [
        `caller: this.accepted.size ${edit}`,
        'How many are remembered is memory, and what is not is verified again.',
      ]),
    ),
    'caller: 0 → 0 + 1': ENDS,
    'caller: payload.exp ?? 0 → payload.exp && 0': SPARED,
    'caller: (payload.exp ?? 0) * 1000 → (payload.exp ?? 0) / 1000': SPARED,
    'caller: { caller, until: (payload.exp ?? 0) * 1000 } → {}': SPARED,
    'caller: this.accepted.set(token, { caller, until: (payload.exp ?? 0) * 1000 }); → (nothing)': SPARED,
    'caller: return undefined; → (nothing)': 'It is what is returned without it.',
    'publicKey: SERVICES.find((name) => name === kid) → SERVICES.findLast((name) => name === kid)': ONE,
    'publicKey: !service || pem === undefined → !service && pem === undefined': NO_KEY,
    'publicKey: !service || pem === undefined → false': NO_KEY,
    'publicKey: this.publicKeys.set(service, known); → (nothing)': SPARED,
    'operatorKey: operatorsFile === undefined → false': NO_KEY,
    "operatorKey: 'utf8' → ''": 'JSON is read from bytes, too.',
    "operatorKey: Object.hasOwn(operators, kid.slice('operator:'.length)) → true": NO_KEY,
    'operatorKey: pem === undefined → false': NO_KEY,
    'callerNamed: name !== undefined && isOperator(name) → name !== undefined || isOperator(name)': NAMED,
    'callerNamed: name !== undefined && isOperator(name) → true': NAMED,
    'callerNamed: SERVICES.find((service) => service === name) → SERVICES.findLast((service) => service === name)': ONE,
  },
  'libs/event-sourcing/src/decision/load.ts': {
    'load: settled >= SNAPSHOT_AFTER → settled > SNAPSHOT_AFTER': FIGURE,
    'loadMany: { upTo: WORTH_KEEPING } → {}': SPARED,
    'loadMany: 0 → 0 + 1': ANY,
    "loadMany: '' → 'mutant'": ANY,
    'loadMany: store.inTransaction → true': 'Asked at once or one after the other they answer the same.',
    'loadMany: store.inTransaction → false': 'Asked at once or one after the other they answer the same.',
  },
  'libs/event-sourcing/src/log/transaction.ts': {
    'inTransaction: true → false': 'The pool itself keeps no connection that has ended.',
  },
  'libs/event-sourcing/src/decision/handle.ts': {
    'once: cause.commandId === undefined → false': SPARED,
    "again: '' → 'mutant'": 'Who has an outcome has an id: the default is for the compiler.',
    'settled: names.filter((n) => !n.held) → names':
      'Of two updates of one row in a statement PostgreSQL carries out one, and it is the one that takes; the code does not rely on it.',
  },
  'apps/identity/src/account/account.decider.ts': {
    "evolve: 'AccountRegistered' → ''": 'It is taken before this is reached: the case is for the compiler.',
    "evolve: 'unregistered' → ''": BEGUN,
    "evolve: state.status === 'unregistered' → false": BEGUN,
  },
  'apps/identity/src/account/address.decider.ts': {
    'undoAddress: Date.parse(factor.at) < doubtful → Date.parse(factor.at) <= doubtful':
      'Of what was kept it is asked only whether there is any, beside what is gone at that very instant.',
  },
  'apps/identity/src/account/bindings.decider.ts': {
    'bindSubject: bindings.find((binding) => binding.connectionId === connectionId) → bindings.findLast((binding) => binding.connectionId === connectionId)':
      ONE,
  },
  'apps/identity/src/account/factors.decider.ts': {
    "addAuthenticator: 'authenticator' → ''": SAID,
    "addPasskey: 'passkey' → ''": SAID,
    'renameFactor: factors.find((candidate) => candidate.factorId === factorId) → factors.findLast((candidate) => candidate.factorId === factorId)':
      ONE,
    'removeFactor: factors.find((candidate) => candidate.factorId === factorId) → factors.findLast((candidate) => candidate.factorId === factorId)':
      ONE,
  },
  'apps/identity/src/session/session.decider.ts': {
    "evolve: 'open' → ''": NEITHER,
    "evolve: 'unknown' → ''": BEGUN,
    "evolve: state.status === 'unknown' → false": BEGUN,
    "end: 'unknown' → ''":
      "A session that never was has no account, and is nobody's by the other half of the condition.",
  },
  'apps/identity/src/sign-in/login.decider.ts': { 'login: latest > at → latest >= at': TIE },
  'apps/identity/src/sign-in/mailed-link.decider.ts': {
    "mailedLink: 'accountId' in data && type === LINKS[kind].requested → 'accountId' in data || type === LINKS[kind].requested":
      LINKED,
    "mailedLink: 'accountId' in data && type === LINKS[kind].requested → true":
      'What was used has no account that a later use could fit.',
    "mailedLink: 'used' → ''": NEITHER,
    "mailedLink: { status: 'used' } → {}": NEITHER,
  },
  'apps/identity/src/sign-up/sign-up.decider.ts': {
    "evolve: 'verified' → ''": NEITHER,
    "evolve: { status: 'verified' } → {}": NEITHER,
  },
  'apps/inactivity-policy/src/dormancy/deadline.process.ts': {
    'nextLookAt: state.warnings.find((candidate) => candidate.dueAt === dueAt) → state.warnings.findLast((candidate) => candidate.dueAt === dueAt)':
      ONE,
  },
  'apps/inactivity-policy/src/dormancy/dormancy.process.ts': {
    'served: a > b → a >= b': TIE,
    'accept: warnings.find((candidate) => candidate.messageId === messageId) → warnings.findLast((candidate) => candidate.messageId === messageId)':
      ONE,
    'bounce: warnings.find((candidate) => candidate.messageId === messageId) → warnings.findLast((candidate) => candidate.messageId === messageId)':
      ONE,
    'assess: state.warnings.find((candidate) => candidate.dueAt === dueAt) → state.warnings.findLast((candidate) => candidate.dueAt === dueAt)':
      ONE,
  },
  'apps/inactivity-policy/src/gap/gap.decider.ts': {
    'gap: { closedSince: null } → {}': 'No gap has either as its instant.',
  },
  'apps/key-management/src/fence/fence.ts': {
    'settled: behind.length === 0 → false': SPARED,
    'wait: until - this.time.monotonic() → until + this.time.monotonic()':
      'Of the first wait it is only asked whether there is any time left: a look is shorter.',
    'wait: 0 → 0 + 1': FIGURE,
    'wait: waiting.length > 0 → waiting.length >= 0': SPARED,
    'wait: waiting.length > 0 → true': SPARED,
    'giveUp: rowCount === 1 → true': 'What a gateway has said is in the table, too.',
    "holders: 'fence-holders' → ''": STATEMENT,
    'holders: !rows[0] → false': 'It fails either way, and is told as what could not be confirmed.',
    'settleEpoch: 0 → 0 + 1': FIGURE,
    'settleEpoch: left > 0 → left >= 0': 'A wait of no time.',
  },
  'apps/key-management/src/fence/fence.query.ts': {
    ...named(
      "standing: 'fence-standing'",
      "acknowledge: 'fence-register'",
      "acknowledge: 'fence-renew'",
      "withdrawalsAfter: 'withdrawals-after'",
    ),
    'withdrawalsAfter: seq === null || subjects === null → seq === null && subjects === null':
      'A row has both or neither: the check is for the compiler.',
    'forgetWithdrawals: 0 → 0 + 1': ALWAYS_SAYS,
  },
  'apps/key-management/src/key/key.decider.ts': {
    "evolve: 'unissued' → ''": BEGUN,
    "evolve: state.status === 'unissued' → false": BEGUN,
    'rotate: state.worksUntil < worksUntil → state.worksUntil <= worksUntil': TIE,
  },
  'apps/organization/src/invitation/invitation.decider.ts': {
    "evolve: 'unknown' → ''": BEGUN,
    "evolve: state.status === 'unknown' → false": BEGUN,
  },
  'apps/organization/src/organization/demands.decider.ts': {
    'requireSecondFactor: standing < soonest → standing <= soonest': TIE,
  },
  'apps/organization/src/single-sign-on/connections.decider.ts': {
    'DAY_MS: 86_400_000 → 86_400_000 + 1': FIGURE,
    'enforcedOf: return undefined; → (nothing)': 'It is what is returned without it.',
  },
  'apps/organization/src/single-sign-on/single-sign-on.decider.ts': {
    'evolve: [connection?.newest, connection?.enforced].find((each) => each?.n === n) → [connection?.newest, connection?.enforced].findLast((each) => each?.n === n)':
      'Where both have this number they are the same configuration.',
  },
  'apps/organization/src/single-sign-on/domains.decider.ts': {
    "see: 'ProveDomain' → ''": 'It is handed to a function that does not look at it: the type is for the compiler.',
    'miss: 0 → 0 + 1': 'The last of the days is 0, so that one is always found: the default is for the compiler.',
  },
  'apps/organization/src/organization/organization.decider.ts': {
    "evolve: 'unknown' → ''": BEGUN,
    "evolve: state.status === 'unknown' → false": BEGUN,
    'evolve: true → false': MARK,
    'removed: true → false': MARK,
    'changed: member → true': 'Events about a member follow one by which they joined.',
    'changedProject: project → true': 'Events about a project follow the one that made it.',
    'removed: project.members.has(accountId) → true':
      'Who is taken out of a project that they are not in leaves it as it is; the check spares the copy.',
  },
};
