import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from 'react';
import { useLost } from '../api/reachable.ts';
import { common } from '../texts/common.ts';
import { Button } from './button.tsx';
import { useForm } from './form-state.ts';
import style from './field.module.css';

interface Around {
  label: string;
  hint?: ReactNode;
  /** Beside what the form around it says of this name. */
  error?: string | undefined;
}

function useAround({ error }: Pick<Around, 'error'>, name?: string) {
  const id = useId();
  const told = useForm().errors[name ?? ''] ?? error;
  return { id, more: `${id}-more`, told };
}
const More = ({ id, hint, told }: { id: string; hint: ReactNode; told: string | undefined }) => (
  <p id={id} className={told === undefined ? style.hint : style.error}>
    {told ?? hint}
  </p>
);

export function Field({ label, hint, error, ...input }: Around & InputHTMLAttributes<HTMLInputElement>) {
  const { id, more, told } = useAround({ error }, input.name);
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={told !== undefined || undefined}
        aria-describedby={more}
        className={style.input}
      />
      <More id={more} hint={hint} told={told} />
    </div>
  );
}

/** A password, hidden until one asks to see it. */
export function PasswordField({ label, hint, error, ...input }: Around & InputHTMLAttributes<HTMLInputElement>) {
  const { id, more, told } = useAround({ error }, input.name);
  const [isShown, show] = useState(false);
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      <div className={style.password}>
        <input
          {...input}
          data-secret
          id={id}
          type={isShown ? 'text' : 'password'}
          aria-invalid={told !== undefined || undefined}
          aria-describedby={more}
          autoCapitalize="none"
          spellCheck={false}
          className={style.input}
        />
        <Button
          look="quiet"
          aria-pressed={isShown}
          onClick={() => {
            show(!isShown);
          }}
        >
          {isShown ? common.hide : common.show}
          <span className="visually-hidden"> {label}</span>
        </Button>
      </div>
      <More id={more} hint={hint} told={told} />
    </div>
  );
}

export function TextArea({ label, hint, error, ...area }: Around & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const { id, more, told } = useAround({ error }, area.name);
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        {...area}
        id={id}
        aria-invalid={told !== undefined || undefined}
        aria-describedby={more}
        className={`${style.input} ${style.area}`}
      />
      <More id={more} hint={hint} told={told} />
    </div>
  );
}

export function Select({ label, hint, error, ...select }: Around & SelectHTMLAttributes<HTMLSelectElement>) {
  const { id, more, told } = useAround({ error }, select.name);
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      <select
        {...select}
        id={id}
        aria-invalid={told !== undefined || undefined}
        aria-describedby={more}
        className={style.input}
      />
      <More id={more} hint={hint} told={told} />
    </div>
  );
}

interface ChoiceProps extends Around {
  name: string;
  choices: readonly (readonly [value: string, text: string])[];
  value: string;
  onChange: (value: string) => void;
}

/** A few choices that one wants to see at once. */
export function Choice({ label, name, choices, value, onChange, hint, error }: ChoiceProps) {
  const { more, told } = useAround({ error }, name);
  return (
    <fieldset className={style.field} aria-describedby={more}>
      <legend>{label}</legend>
      <div className={style.choice}>
        {choices.map(([key, text]) => (
          <label key={key}>
            <input
              type="radio"
              name={name}
              value={key}
              checked={key === value}
              onChange={() => {
                onChange(key);
              }}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
      <More id={more} hint={hint} told={told} />
    </fieldset>
  );
}

interface SwitchProps {
  checked: boolean;
  onChange: (on: boolean) => void;
  label: string;
  describedBy?: string;
  busy?: boolean;
  disabled?: boolean;
}

/** It changes something on the server, so it is off while there is no connection. */
export function Switch({ checked, onChange, label, describedBy, busy = false, disabled = false }: SwitchProps) {
  const isLost = useLost() !== undefined;
  return (
    <span className={style.switch}>
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled || isLost}
        aria-label={label}
        aria-describedby={describedBy}
        aria-busy={busy || undefined}
        onChange={(event) => {
          if (!busy) onChange(event.target.checked);
        }}
      />
      <span aria-hidden="true" className={style.word}>
        {checked ? common.on : common.off}
      </span>
    </span>
  );
}
