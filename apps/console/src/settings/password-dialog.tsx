import { useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { PasswordField } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { NewPassword } from '../parts/new-password.tsx';
import { useProved } from '../shell/proof.tsx';
import { common } from '../texts/common.ts';
import { settings } from '../texts/settings.ts';
import type { Security } from './security.ts';

const { password: text } = settings;

export function PasswordDialog({ of: { multiFactor }, onClose }: { of: Security; onClose: () => void }) {
  const { account } = useMe();
  const queries = useQueryClient();
  const proved = useProved();
  return (
    <Dialog title={text.changeTitle} onClose={onClose} size="s">
      <Form
        onSubmit={async (values) => {
          const [current, password] = [values.text('current'), values.text('password')];
          await proved(() => api.put('/v1/account/password', { body: { current, password } }));
          await renew(queries, 'security', 'sessions');
          onClose();
        }}
      >
        <p>{text.changeLead}</p>
        {/* Whose it is, for those who keep passwords. */}
        <input type="hidden" name="username" autoComplete="username" value={account.email} readOnly />
        <PasswordField label={text.current} name="current" autoComplete="current-password" data-first />
        <NewPassword label={text.next} beside={multiFactor.enabled} />
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes>
            {text.change}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}
