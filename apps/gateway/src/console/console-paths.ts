/** Ways in, and where mailed links lead. */
const WAYS = [
  '/',
  '/sign-up',
  '/sign-up/sent',
  '/verify',
  '/sign-in',
  '/sign-in/factor',
  '/forgot',
  '/reset',
  '/reactivate',
  '/suspended',
  '/invitation',
  '/address',
  '/address/undo',
  '/recovery',
  '/recovery/cancel',
  '/recovery/complete',
  '/sso/bind',
  '/sso-link',
  '/sso/:id',
  '/sso/:id/callback',
  '/sso/:id/acs',
] as const;

/** The addresses of the console's pages; `*` is one or more segments. What is not here is not found. */
export const CONSOLE_PATHS = [...WAYS, '/keys', '/keys/*'] as const;
