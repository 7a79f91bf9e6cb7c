/** The addresses of the console's pages; `*` is one or more segments. What is not here is not found. */
export const CONSOLE_PATHS = [
  '/jobs',
  '/jobs/*',
  '/keys',
  '/keys/*',
  '/organization',
  '/organization/*',
  '/projects',
  '/projects/*',
] as const;
