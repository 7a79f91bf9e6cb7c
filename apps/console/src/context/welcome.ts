const KEY = 'rollcall-welcome';

/** After a sign-in that was the first activity since a warning of inactivity: until when the account stays active now, to be said once. */
export const keepWelcome = (until: string): void => {
  sessionStorage.setItem(KEY, until);
};

/** It, as long as it is there: looking leaves it, for a page may be drawn twice. */
export const welcome = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;

/** It, this once. */
export const takeWelcome = (): string | undefined => {
  const until = welcome();
  sessionStorage.removeItem(KEY);
  return until;
};
