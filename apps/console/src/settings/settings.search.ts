import { oneOf } from '../context/search.ts';

/** Which dialog is open: of `/settings`. It stands in the address, so that Back closes it and signing in anew finds it open. */
export const readSettingsSearch = (search: Record<string, unknown>) =>
  oneOf('do', ['name', 'email', 'password', 'multi-factor', 'authenticator', 'passkey', 'codes'], search);
