import type { ReactNode } from 'react';
import { common } from '../texts/common.ts';
import { Button } from './button.tsx';
import { Dialog, DialogFoot } from './dialog.tsx';
import { Form } from './form.tsx';

interface ConfirmProps {
  /** The question, with the name in it. */
  title: string;
  /** The verb and noun on the button. */
  act: string;
  /** What will happen. */
  children?: ReactNode;
  /** `solid`: it can be taken back. */
  look?: 'bad' | 'solid';
  onAct: (once: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks once more, with the focus on what changes nothing. What is refused is said here. */
export const Confirm = ({ title, act, children, look = 'bad', onAct, onClose }: ConfirmProps) => (
  <Dialog title={title} size="s" onClose={onClose}>
    <Form
      onSubmit={async (_, once) => {
        await onAct(once);
        onClose();
      }}
    >
      {children}
      <DialogFoot>
        <Button onClick={onClose} data-first>
          {look === 'bad' ? common.keepIt : common.cancel}
        </Button>
        <Button look={look} type="submit" writes>
          {act}
        </Button>
      </DialogFoot>
    </Form>
  </Dialog>
);
