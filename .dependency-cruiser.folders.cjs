// Folders of an app read from the top down. What lies beside them (module, inbox, outbox, config) ties them together and is left out, as are tests.
const { options } = require('./.dependency-cruiser.cjs');

module.exports = {
  forbidden: [
    {
      name: 'no-circle-of-folders',
      severity: 'error',
      scope: 'folder',
      comment: 'Which folder is read first? Move the name that lies in the wrong one. Types count too.',
      from: { path: '^apps/[^/]+/src/.' },
      to: { circular: true },
    },
  ],
  options: {
    ...options,
    includeOnly: '^apps/[^/]+/src/.+/',
    exclude: { path: '(/generated/|\\.(spec|fixture|program|contract)\\.ts$)' },
  },
};
