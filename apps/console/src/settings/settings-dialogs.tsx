import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { security } from '../api/queries.ts';
import { PasswordDialog } from './password-dialog.tsx';
import { EmailDialog, NameDialog } from './profile-dialogs.tsx';
import { useDialog } from './use-dialog.ts';

const factors = () => import('./add-factor.tsx');
const MultiFactorDialog = lazy(() => factors().then(({ MultiFactorDialog: it }) => ({ default: it })));
const AuthenticatorDialog = lazy(() => factors().then(({ AuthenticatorDialog: it }) => ({ default: it })));
const PasskeyDialog = lazy(() => factors().then(({ PasskeyDialog: it }) => ({ default: it })));
const CodesDialog = lazy(() => factors().then(({ CodesDialog: it }) => ({ default: it })));

/** The dialog that the address names. */
export function SettingsDialogs() {
  const { opened, close } = useDialog();
  const { data: known } = useQuery(security);
  if (!known) return null;
  return (
    <Suspense>
      {opened === 'name' && <NameDialog onClose={close} />}
      {opened === 'email' && <EmailDialog onClose={close} />}
      {opened === 'password' && <PasswordDialog of={known} onClose={close} />}
      {opened === 'multi-factor' && <MultiFactorDialog of={known} onClose={close} />}
      {opened === 'authenticator' && <AuthenticatorDialog onClose={close} />}
      {opened === 'passkey' && <PasskeyDialog onClose={close} />}
      {opened === 'codes' && <CodesDialog onClose={close} />}
    </Suspense>
  );
}
