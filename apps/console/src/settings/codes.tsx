import { useEffect, useRef } from 'react';
import { CopyButton } from '../parts/copy-button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Stored } from '../parts/stored.tsx';
import { settings } from '../texts/settings.ts';
import style from './add-factor.module.css';

const { codes: text } = settings;

/** The one time that recovery codes are shown: nobody leaves by accident before they are stored. */
export function Codes({ of, onClose }: { of: readonly string[]; onClose: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.focus();
  }, []);
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
      <Stored text={text} file={{ name: text.fileName, label: text.file, content: of.join('\n') }} onClose={onClose}>
        <CopyButton text={of.join('\n')} what={text.what} />
      </Stored>
    </>
  );
}
