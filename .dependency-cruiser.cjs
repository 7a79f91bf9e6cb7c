// The arrows of docs/architecture.md, checked by machine. Each rule carries its reason.
module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', comment: 'A circle has no first file to read.', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'apps-are-strangers', severity: 'error', comment: 'Services learn from each other only by gRPC and facts; apps/rollcall composes them.',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/rollcall/' }, to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    { name: 'no-arrow-up', severity: 'error', comment: 'libs do not know apps.', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'libs-by-the-front-door', severity: 'error', comment: 'Each lib has one face, src/index.ts. The set-up of the tests runs before there is a resolver.',
      from: { path: '^(apps|libs|bench|e2e)/([^/]+)/', pathNot: '^libs/testing/src/(global-setup|test-kafka)\\.ts$' }, to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^$1/$2/' },
    },
    { name: 'contracts-stand-on-the-ground', severity: 'error', comment: 'contracts depends on zod alone (generated types on nothing that runs).', from: { path: '^libs/contracts/' }, to: { path: '^libs/(?!contracts)' } },
    { name: 'event-sourcing-knows-no-framework', severity: 'error', comment: 'pg alone: no Nest, no Kafka, no house.', from: { path: '^libs/event-sourcing/src', pathNot: '\\.spec\\.ts$' }, to: { path: '(^libs/(?!event-sourcing)|node_modules/(@nestjs|kafkajs|typeorm))' } },
    { name: 'bus-stands-on-two', severity: 'error', from: { path: '^libs/bus/src', pathNot: '\\.(spec|fixture|program|contract)\\.ts$' }, to: { path: '(^libs/(platform|testing|local-servers)|node_modules/@nestjs)' } },
    { name: 'platform-stands-on-the-core', severity: 'error', from: { path: '^libs/platform/src', pathNot: '\\.spec\\.ts$' }, to: { path: '^libs/(testing|local-servers)' } },
    { name: 'no-service-starts-servers', severity: 'error', comment: 'Embedded servers are for npm start, tests and the command of operators.', from: { path: '^apps/(?!rollcall/|ops/)', pathNot: '\\.(spec|fixture|program)\\.ts$' }, to: { path: '^libs/local-servers/' } },
    { name: 'testing-is-for-tests', severity: 'error', from: { path: '^(apps|libs)/', pathNot: '(\\.(spec|example|fixture|program|contract)\\.ts$|^libs/testing/)' }, to: { path: '^libs/testing/' } },
    { name: 'deciders-are-pure', severity: 'error', comment: 'A decision reads no clock, makes no id, does no I/O.', from: { path: '\\.(decider|process)\\.ts$' }, to: { path: '.', pathNot: '(^libs/event-sourcing/src/index\\.ts$|^libs/contracts/src/index\\.ts$|\\.(decider|process)\\.ts$)' } },
    { name: 'e2e-is-the-roof', severity: 'error', comment: 'Tests of the whole product may know every app; nothing knows them.', from: { pathNot: '^e2e/' }, to: { path: '^e2e/' } },
    { name: 'specs-are-leaves', severity: 'error', from: { pathNot: '\\.spec\\.ts$' }, to: { path: '\\.spec\\.ts$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'require', 'node', 'default'], exportsFields: ['exports'], mainFields: ['module', 'main', 'types'] },
  },
};
