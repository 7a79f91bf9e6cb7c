import type { ReactNode } from 'react';
import { common } from '../texts/common.ts';
import { Button } from './button.tsx';
import { Dialog, DialogFoot } from './dialog.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

interface AskTextProps {
  title: string;
  label: string;
  /** What the API calls it, so that its refusals stand at the field. */
  name?: string;
  hint?: ReactNode;
  placeholder?: string;
  value?: string;
  max?: number;
  act?: string;
  onSave: (text: string, once: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for one line: a name, mostly. */
export const AskText = ({ title, act = common.save, onSave, onClose, value, max = 100, ...field }: AskTextProps) => (
  <Dialog title={title} size="s" onClose={onClose}>
    <Form
      onSubmit={async (values, once) => {
        await onSave(values.text(field.name ?? 'name'), once);
        onClose();
      }}
    >
      <Field name="name" {...field} defaultValue={value} maxLength={max} autoComplete="off" data-first />
      <DialogFoot>
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button look="solid" type="submit" writes>
          {act}
        </Button>
      </DialogFoot>
    </Form>
  </Dialog>
);
