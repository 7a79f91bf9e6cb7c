/** The addresses of the console's pages; `*` is one or more segments. What is not here is not found. */
export const CONSOLE_PATHS = [
  '/help/account',
  '/help/api-keys',
  '/jobs',
  '/jobs/*',
  '/keys',
  '/keys/*',
  '/organization',
  '/organization/*',
  '/projects',
  '/projects/*',
  '/settings',
  '/welcome-back',
] as const;
