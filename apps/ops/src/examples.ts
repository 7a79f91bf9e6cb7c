/** How each command is typed, by its words: what `--help` shows below, without `rollcall`. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'status': ['status', 'status --watch 5', 'status --service gateway -o json'],
  'lag': ['lag', 'lag --service mailer --watch'],
  'outbox status': ['outbox status'],
  'doctor': ['doctor', 'doctor --invariants --service identity'],
  'projections list': ['projections list'],
  'projections rebuild': [
    'projections rebuild accounts',
    'projections rebuild accounts --shadow --apply --reason "looks at it first"',
  ],
  'projections promote': ['projections promote accounts --apply --reason "looks right"'],
  'projections rollback': ['projections rollback accounts --apply --reason "was wrong after all"'],
  'projections verify': ['projections verify accounts'],
  'projections drop': ['projections drop accounts 2 --apply --reason "nobody needs it"'],
  'streams show': [
    'streams show key-01890a5d-ac96-774b-bcce-b302099a8057',
    'streams show key-01890a5d-ac96-774b-bcce-b302099a8057 --as-of 2026-01-31T12:00:00Z',
  ],
  'streams why': ['streams why key-01890a5d-ac96-774b-bcce-b302099a8057 status'],
  'events tail': ['events tail --follow', 'events tail --type KeyRevoked --since 2026-01-31T12:00:00Z --limit 100'],
  'events replay': ['events replay --service identity --from 1.885.1 --to 1.901.3 --to-consumer billing'],
  'events republish': [
    'events republish identity.accounts',
    'events republish identity.accounts --apply --reason "the broker\'s disk is lost"',
  ],
  'parked list': ['parked list', 'parked list --skipped'],
  'parked show': ['parked show account-01890a5d-ac96-774b-bcce-b302099a8057 -o json'],
  'parked retry': ['parked retry account-01890a5d-ac96-774b-bcce-b302099a8057 --apply --reason "the cause is mended"'],
  'parked skip': ['parked skip account-01890a5d-ac96-774b-bcce-b302099a8057 --apply --reason "planted, ticket 7"'],
  'inbox skip': [
    'inbox skip mailer identity.accounts 0 18',
    'inbox skip mailer identity.accounts 0 18 --apply --reason "no fact, ticket 7"',
  ],
  'inbox restart': ['inbox restart mailer identity.accounts'],
  'log reopen': ['log reopen mailer', 'log reopen mailer --apply --reason "restored from last night, ticket 8"'],
  'account inspect': ['account inspect 01890a5d-ac96-774b-bcce-b302099a8057 --reason "cannot sign in, ticket 9"'],
  'account find': ['account find --email ada@example.com --reason "cannot sign in, ticket 9"'],
  'account suspend': ['account suspend 01890a5d-ac96-774b-bcce-b302099a8057 --apply --reason "sends spam, ticket 16"'],
  'account end-sessions': [
    'account end-sessions 01890a5d-ac96-774b-bcce-b302099a8057 --apply --reason "laptop stolen, ticket 17"',
  ],
  'account recover': [
    'account recover 01890a5d-ac96-774b-bcce-b302099a8057',
    'account recover 01890a5d-ac96-774b-bcce-b302099a8057 --apply --reason "seen with a passport, ticket 18"',
  ],
  'account reactivate': [
    'account reactivate 01890a5d-ac96-774b-bcce-b302099a8057 --apply --reason "back from leave, ticket 15"',
  ],
  'organizations find': ['organizations find --name acme --reason "asks for an invoice, ticket 12"'],
  'organizations show': ['organizations show 01890a5d-ac96-774b-bcce-b302099a8057 --reason "ticket 12"'],
  'projects show': ['projects show 01890a5d-ac96-774b-bcce-b302099a8057 --reason "ticket 12"'],
  'sso list': ['sso list --reason "ticket 12"'],
  'sso explain': ['sso explain 01890a5d-ac96-774b-bcce-b302099a8057 --reason "nobody gets in, ticket 12"'],
  'sso off': [
    'sso off 01890a5d-ac96-774b-bcce-b302099a8057',
    'sso off 01890a5d-ac96-774b-bcce-b302099a8057 --now --apply --reason "their provider is gone, seen with a passport, ticket 12"',
  ],
  'sso verify-domain': [
    'sso verify-domain 01890a5d-ac96-774b-bcce-b302099a8057 --apply --reason "their DNS is not reachable from here, ticket 12"',
  ],
  'keys find': ['keys find --start rck_…A1b2C3 --reason "asks who uses it, ticket 11"'],
  'keys revoke': [
    'keys revoke --owner 01890a5d-ac96-774b-bcce-b302099a8057',
    'keys revoke --leaked-file leaked.txt --apply --reason "found in a public repository, ticket 12"',
  ],
  'inactivity gaps': ['inactivity gaps'],
  'inactivity close-gap': [
    'inactivity close-gap 5f0c3f4e-1a52-4f0e-9d8e-0b7d5f4c2a11 --apply --reason "killed for its memory; all was recorded"',
  ],
  'operators add': [
    'operators add grace',
    'operators add grace --public-key grace.pub --apply --reason "on call from May"',
  ],
  'operators list': ['operators list'],
  'operators remove': ['operators remove grace --apply --reason "left the company"'],
  'profiles list': ['profiles list', '--profile production status'],
  'secrets rotate': [
    'secrets rotate links',
    'secrets rotate seals --env-file .env --apply --reason "a laptop with a copy was lost, ticket 19"',
  ],
  'repair': [
    'repair identity -- projections rebuild accounts',
    'repair mailer -- log reopen mailer --apply --reason "restored from last night, ticket 8"',
  ],
  'init': ['init', "init --origin https://id.example.com --smtp-url 'smtp://user:password@mail.example.com:587'"],
  'config check': ['config check --env-file .env', 'config check --service gateway'],
  'dev clock advance': ['dev clock advance 167d'],
};
