import { useBlocker } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { DialogFoot } from '../parts/dialog.tsx';
import { Notice } from '../parts/notice.tsx';
import { common } from '../texts/common.ts';
import { settings } from '../texts/settings.ts';
import style from './add-factor.module.css';

const { codes: text } = settings;

/** The one time that recovery codes are shown: nobody leaves by accident before they are stored. */
export function Codes({ of, onClose }: { of: readonly string[]; onClose: () => void }) {
  const [isStored, store] = useState(false);
  const [isHeld, hold] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  useBlocker({
    shouldBlockFn: () => {
      hold(!isStored);
      return !isStored;
    },
    enableBeforeUnload: () => !isStored,
  });
  useEffect(() => {
    list.current?.focus();
  }, []);
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${of.join('\n')}\n`], { type: 'text/plain' }));
    link.download = text.fileName;
    link.click();
    URL.revokeObjectURL(link.href);
    store(true);
  };
  return (
    <>
      <Notice tone="warn">{text.once}</Notice>
      <ul ref={list} tabIndex={-1} aria-label={text.list} className={style.codes}>
        {of.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
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
        <CopyButton text={of.join('\n')} what={text.what} />
        <Button onClick={download}>
          <Download size={16} aria-hidden="true" />
          {text.file}
        </Button>
        <Button look="solid" disabled={!isStored} onClick={onClose}>
          {common.done}
        </Button>
      </DialogFoot>
    </>
  );
}
