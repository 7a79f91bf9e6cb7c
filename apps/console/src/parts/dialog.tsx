import { type ReactNode, useEffect, useId, useRef } from 'react';
import style from './dialog.module.css';

interface DialogProps {
  title: ReactNode;
  children: ReactNode;
  onClose: () => void;
  /** Neither Escape nor a click beside it closes it: only its own buttons do. */
  held?: boolean;
  size?: 's' | 'm';
}

/**
 * The browser's own dialog: it keeps the focus, silences the page behind it and gives the focus back. One that becomes another
 * is the same dialog with other content, so that it remembers who opened it.
 */
export function Dialog({ title, children, onClose, held = false, size = 'm' }: DialogProps) {
  const it = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const dialog = it.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    // React's autoFocus is no attribute: the dialog would take its first field, whatever was meant.
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      dialog?.close();
      const opener = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : null;
      (opener ?? document.getElementById('main'))?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={it}
      aria-labelledby={name}
      className={`${style.dialog} ${style[size]}`}
      closedby={held ? 'none' : 'any'}
      onCancel={(event) => {
        // A file field's own `cancel` comes by here, too.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        if (!held) onClose();
      }}
      onClose={(event) => {
        // Where `closedby` is not known, a second Escape closes whatever `cancel` says.
        if (event.target !== event.currentTarget) return;
        if (held) event.currentTarget.showModal();
        else onClose();
      }}
    >
      <h2 id={name} className={style.title}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}

export const DialogFoot = ({ children }: { children: ReactNode }) => <div className={style.foot}>{children}</div>;
