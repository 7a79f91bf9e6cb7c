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
import { Segments } from './segments.tsx';
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

/** What ties a control to its label, and to what is said of it. */
interface Tied {
  'id': string;
  'aria-invalid': true | undefined;
  'aria-describedby': string;
}

/** A control with its label above, and below it a hint or what is wrong with it. */
function Framed({
  label,
  hint,
  error,
  name,
  children,
}: Around & { name: string | undefined; children: (tied: Tied) => ReactNode }) {
  const { id, more, told } = useAround({ error }, name);
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': told !== undefined || undefined, 'aria-describedby': more })}
      <More id={more} hint={hint} told={told} />
    </div>
  );
}

export const Field = ({ label, hint, error, ...input }: Around & InputHTMLAttributes<HTMLInputElement>) => (
  <Framed label={label} hint={hint} error={error} name={input.name}>
    {(tied) => <input {...input} {...tied} className={style.input} />}
  </Framed>
);

/** A password, hidden until one asks to see it. */
export function PasswordField({ label, hint, error, ...input }: Around & InputHTMLAttributes<HTMLInputElement>) {
  const [isShown, show] = useState(false);
  return (
    <Framed label={label} hint={hint} error={error} name={input.name}>
      {(tied) => (
        <div className={style.password}>
          <input
            {...input}
            {...tied}
            data-secret
            type={isShown ? 'text' : 'password'}
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
      )}
    </Framed>
  );
}

export const TextArea = ({ label, hint, error, ...area }: Around & TextareaHTMLAttributes<HTMLTextAreaElement>) => (
  <Framed label={label} hint={hint} error={error} name={area.name}>
    {(tied) => <textarea {...area} {...tied} className={`${style.input} ${style.area}`} />}
  </Framed>
);

export const Select = ({ label, hint, error, ...select }: Around & SelectHTMLAttributes<HTMLSelectElement>) => (
  <Framed label={label} hint={hint} error={error} name={select.name}>
    {(tied) => <select {...select} {...tied} className={style.input} />}
  </Framed>
);

interface ChoiceProps extends Around {
  name: string;
  choices: readonly (readonly [value: string, text: string])[];
  value: string;
  onChange: (value: string) => void;
}

/** A few choices that one wants to see at once. */
export function Choice({ label, hint, error, ...segments }: ChoiceProps) {
  const { more, told } = useAround({ error }, segments.name);
  return (
    <fieldset className={style.field} aria-describedby={more}>
      <legend>{label}</legend>
      <Segments {...segments} />
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
