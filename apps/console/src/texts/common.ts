/** What more than one page says. All words of the console stand in this folder: a file a room. */
export const common = {
  product: 'Rollcall',
  title: (page: string) => `${page} · Rollcall`,
  continue: 'Continue',
  cancel: 'Cancel',
  close: 'Close',
  done: 'Done',
  edit: 'Edit',
  save: 'Save',
  keepIt: 'Keep it',
  copy: 'Copy',
  copied: 'Copied',
  hasCopied: (what: string) => `${what} copied`,
  show: 'Show',
  hide: 'Hide',
  on: 'On',
  off: 'Off',
  you: 'You',
  never: 'Never',
  gone: 'A former member',
  tryAgain: 'Try again',
  request: 'Request',
  justNow: 'just now',
  inAMoment: 'in a moment',
  more: 'Show more',
  password: {
    atLeast: (min: number) => `${min} characters or more`,
    toGo: (min: number, left: number) => `${min} characters or more: ${left} to go`,
    longEnough: 'Long enough',
  },
  unreachable: 'The server does not answer. Check your connection and try again.',
  unexpected: 'This did not work, and the reason is not known. Load the page again, then try once more.',
  unknownOutcome:
    'The server does not answer, so it is not known whether this was done. Trying again does it once at most.',
};

/** The eight states that any page can be in. */
export const states = {
  loading: (what: string) => `${what} are loading`,
  trouble: {
    title: 'The server does not answer',
    detail: 'Your connection may be down, or the server is restarting. Nothing you had saved is lost.',
  },
  notFound: {
    title: 'There is nothing at this address',
    detail: 'It may have been moved, or it belongs to an organization you are not in.',
    go: 'Go to API Keys',
  },
  noAccess: {
    title: 'Only an owner may do this',
    detail: (owners: readonly string[]) =>
      owners.length === 0 ? 'Ask an owner of the organization.' : `Owners: ${owners.join(', ')}.`,
  },
  noOrganization: {
    title: 'You are in no organization',
    text: 'Create one from the menu at the top, or ask somebody to invite you to theirs.',
  },
  stale: 'Your change is saved; this list is catching up.',
  offline: (at: string) => `No connection. Showing what was here at ${at}.`,
  ended: 'Your session has ended. Sign in to go on where you were; what you had typed is kept, but for secrets.',
};
