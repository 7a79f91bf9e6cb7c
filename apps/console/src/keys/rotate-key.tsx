import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { key, renew } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Choice } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { common } from '../texts/common.ts';
import { key as words } from '../texts/key.ts';
import { Lost, Reveal } from './reveal.tsx';

const OVERLAP = '86400';
const { rotate: text } = words;

interface RotateKeyProps {
  id: string;
  made: string | undefined;
  onMade: (id: string) => void;
  onClose: () => void;
}

export function RotateKey({ id, made, onMade, onClose }: RotateKeyProps) {
  const queries = useQueryClient();
  const { data: old } = useQuery(key(id));
  const [overlap, choose] = useState<string>(OVERLAP);
  const [answer, keep] = useState<Answer<'POST', '/v1/keys/:id/rotate'>>();
  const rotate = async (_: Values, once: string) => {
    const overlapSeconds = Number(overlap) as 0 | 3600 | 86_400 | 604_800;
    const told = await api.post('/v1/keys/:id/rotate', { params: { id }, body: { overlapSeconds }, once });
    keep(told);
    onMade(told.key.id);
    await renew(queries, 'keys', 'key');
  };
  if (answer)
    return (
      <Dialog title={words.reveal.title(answer.key.name)} onClose={onClose} held>
        <Reveal of={answer} onClose={onClose} />
      </Dialog>
    );
  if (made !== undefined)
    return (
      <Dialog title={words.reveal.lost.title} onClose={onClose} size="s">
        <Lost id={made} onClose={onClose} />
      </Dialog>
    );
  if (!old) return null;
  return (
    <Dialog title={text.title(old.name)} onClose={onClose}>
      <Form
        onSubmit={rotate}
        refusal={({ code }) =>
          code === 'key/secret-already-issued' ? <Notice tone="warn">{words.creating.secretLost}</Notice> : undefined
        }
      >
        <p>{text.text}</p>
        <Choice
          label={text.overlap}
          name="overlap"
          choices={text.overlaps}
          value={overlap}
          onChange={choose}
          hint={overlap === '0' ? text.overlapHint[0] : text.overlapHint.else}
        />
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes data-first>
            {text.act}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}
