/** The addresses of the console's pages; `*` is one or more segments. What is not here is not found. */
export const CONSOLE_PATHS = [
  '/keys',
  '/keys/*',
  '/settings',
  '/welcome-back',
  '/help/account',
  '/help/api-keys',
] as const;
