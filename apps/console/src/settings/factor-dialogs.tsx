import { useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Form } from '../parts/form.tsx';
import { useProved } from '../shell/proof.tsx';
import { common } from '../texts/common.ts';
import { settings } from '../texts/settings.ts';
import type { Factor } from './security.ts';

const { factors: text } = settings;

interface FactorDialogProps {
  of: Factor;
  onClose: () => void;
}

export function RenameFactor({ of: { id, name }, onClose }: FactorDialogProps) {
  const queries = useQueryClient();
  return (
    <AskText
      title={text.renameTitle(name)}
      label={settings.passkey.name}
      value={name}
      onSave={async (typed) => {
        await api.post('/v1/account/factors/:id/rename', { params: { id }, body: { name: typed } });
        await renew(queries, 'security');
      }}
      onClose={onClose}
    />
  );
}

export function RemoveFactor({ of: { id, name }, isLast, onClose }: FactorDialogProps & { isLast: boolean }) {
  const queries = useQueryClient();
  const proved = useProved();
  return (
    <Dialog title={text.removeTitle(name)} onClose={onClose} size="s">
      <Form
        onSubmit={async () => {
          await proved(() => api.post('/v1/account/factors/:id/remove', { params: { id }, body: {} }));
          await renew(queries, 'security', 'sessions');
          onClose();
        }}
      >
        <p>{isLast ? text.removeLast : text.removeText}</p>
        <DialogFoot>
          <Button onClick={onClose} data-first>
            {common.keepIt}
          </Button>
          {!isLast && (
            <Button look="bad" type="submit" writes>
              {text.removeAct}
            </Button>
          )}
        </DialogFoot>
      </Form>
    </Dialog>
  );
}
