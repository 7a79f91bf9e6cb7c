import type { ButtonHTMLAttributes } from 'react';
import { useLost } from '../api/reachable.ts';
import { useForm } from './form-state.ts';
import style from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  'look'?: 'solid' | 'plain' | 'quiet' | 'bad';
  /** While it works it keeps its width and its focus, and cannot be pressed twice. */
  'busy'?: boolean;
  /** It changes something on the server, so it is off while there is no connection. */
  'writes'?: boolean;
  /** In a dialog: where the focus begins. */
  'data-first'?: boolean;
}

export function Button({
  look = 'plain',
  busy: isBusy = false,
  writes = false,
  type = 'button',
  disabled,
  className = '',
  onClick,
  ...rest
}: ButtonProps) {
  const isLost = useLost() !== undefined;
  const form = useForm();
  const busy = isBusy || (type === 'submit' && form.busy);
  return (
    <button
      {...rest}
      type={busy ? 'button' : type}
      disabled={disabled === true || (writes && isLost)}
      aria-busy={busy || undefined}
      className={`${style.button} ${style[look]} ${className}`}
      onClick={busy ? undefined : onClick}
    />
  );
}
