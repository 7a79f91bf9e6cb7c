import { useBlocker } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { common } from '../texts/common.ts';
import { Button } from './button.tsx';
import { DialogFoot } from './dialog.tsx';
import style from './stored.module.css';

interface StoredProps {
  /** What one says, and what somebody hears who goes away before. */
  text: { readonly stored: string; readonly held: string };
  /** As a file, which counts as stored. */
  file?: { readonly name: string; readonly label: string; readonly content: string };
  /** Beside the file. */
  children?: ReactNode;
  onClose: () => void;
}

/** The end of a dialog that shows a secret its one time: no address, reload or way back leaves it before somebody says that they stored it. */
export function Stored({ text, file, children, onClose }: StoredProps) {
  const [isStored, store] = useState(false);
  const [isHeld, hold] = useState(false);
  useBlocker({
    shouldBlockFn: () => {
      hold(!isStored);
      return !isStored;
    },
    enableBeforeUnload: () => !isStored,
  });
  return (
    <>
      <p role="alert" className={style.held}>
        {isHeld && !isStored ? text.held : ''}
      </p>
      <DialogFoot>
        <label className={style.stored}>
          <input
            type="checkbox"
            checked={isStored}
            onChange={(event) => {
              store(event.target.checked);
            }}
          />
          {text.stored}
        </label>
        {children}
        {file && (
          <Button
            onClick={() => {
              download(file.name, file.content);
              store(true);
            }}
          >
            <Download size={16} aria-hidden="true" />
            {file.label}
          </Button>
        )}
        <Button look="solid" disabled={!isStored} onClick={onClose}>
          {common.done}
        </Button>
      </DialogFoot>
    </>
  );
}

function download(name: string, content: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`${content}\n`], { type: 'text/plain' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
