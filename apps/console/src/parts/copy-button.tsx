import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { common } from '../texts/common.ts';
import style from './copy-button.module.css';

const TOLD_MS = 2_000;

interface CopyButtonProps {
  text: string;
  /** What is copied, for those who hear it: "the key". */
  what: string;
  className?: string | undefined;
}

export function CopyButton({ text, what, className = '' }: CopyButtonProps) {
  const [isCopied, tell] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    tell(true);
    setTimeout(() => {
      tell(false);
    }, TOLD_MS);
  };
  const Icon = isCopied ? Check : Copy;
  return (
    <>
      <button type="button" className={`${style.copy} ${className}`} onClick={() => void copy()}>
        <Icon size={15} aria-hidden="true" />
        <span>
          {isCopied ? common.copied : common.copy}
          <span className="visually-hidden"> {what}</span>
        </span>
      </button>
      <span role="status" className="visually-hidden">
        {isCopied ? common.hasCopied(what) : ''}
      </span>
    </>
  );
}
