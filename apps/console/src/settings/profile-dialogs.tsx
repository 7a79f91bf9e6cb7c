import { useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { useProved } from '../shell/proof.tsx';
import { common } from '../texts/common.ts';
import { settings } from '../texts/settings.ts';

const { profile: text } = settings;

export function NameDialog({ onClose }: { onClose: () => void }) {
  const { account } = useMe();
  const queries = useQueryClient();
  return (
    <AskText
      title={text.nameTitle}
      label={text.name}
      hint={text.nameHint}
      value={account.name}
      onSave={async (typed) => {
        await api.put('/v1/account/name', { body: { name: typed } });
        await renew(queries, 'start', 'members', 'keys');
      }}
      onClose={onClose}
    />
  );
}

export function EmailDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const proved = useProved();
  return (
    <Dialog title={text.emailTitle} onClose={onClose} size="s">
      <Form
        onSubmit={async (values) => {
          await proved(() => api.post('/v1/account/address', { body: { email: values.text('email') } }));
          await renew(queries, 'security');
          onClose();
        }}
      >
        <p>{text.emailLead}</p>
        <Field label={text.newEmail} name="email" type="email" autoComplete="email" data-first />
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes>
            {text.send}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}
