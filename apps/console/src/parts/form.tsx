import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Refusal, Unreachable } from '../api/client.ts';
import { onSignal } from '../api/signals.ts';
import { common } from '../texts/common.ts';
import { FormContext, type FormState } from './form-state.ts';
import style from './form.module.css';

/** What was typed, by the names of the fields. */
export interface Values {
  text: (name: string) => string;
  all: (name: string) => string[];
  has: (name: string) => boolean;
}

/** What a person is told at the form that no server has said. */
export class Said extends Error {}

interface FormProps {
  /**
   * Carries out what was typed. What it throws is shown: at the fields that a refusal names, with the focus on the first of them,
   * or above the buttons. `once` stays the same while the same is sent again, so that nothing is done twice after a lost connection.
   */
  onSubmit: (values: Values, once: string) => Promise<unknown>;
  children: ReactNode;
  className?: string;
  /** What a refusal means here, in better words than its own; undefined: its own. */
  refusal?: (problem: Refusal['problem']) => ReactNode;
}

/** A form. When the session ends meanwhile, what was typed comes back after signing in, but for secrets. */
export function Form({ onSubmit, children, className = '', refusal }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const sent = useRef({ text: '', once: '' });
  const [state, set] = useState<FormState>({ errors: {}, busy: false });
  const [alert, tell] = useState<ReactNode>();
  useDraft(form);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (state.busy) return;
    const data = new FormData(event.currentTarget);
    const text = JSON.stringify(
      [...data].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]),
    );
    if (text !== sent.current.text) sent.current = { text, once: crypto.randomUUID() };
    set({ errors: {}, busy: true });
    tell(undefined);
    try {
      await onSubmit(valuesOf(data), sent.current.once);
      set({ errors: {}, busy: false });
    } catch (error) {
      const { errors, rest } = said(error, form.current, refusal);
      flushSync(() => {
        set({ errors, busy: false });
        tell(rest);
      });
      form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
    }
  };
  // What was wrong with a value is not said of the next one.
  const typed = ({ target }: FormEvent<HTMLFormElement>) => {
    const { name } = target as HTMLInputElement;
    if (state.errors[name] !== undefined) set(({ errors: { [name]: _, ...errors }, busy }) => ({ errors, busy }));
  };
  return (
    <FormContext value={state}>
      <form
        ref={form}
        noValidate
        className={`${style.form} ${className}`}
        onInput={typed}
        onSubmit={(event) => void submit(event)}
      >
        {children}
        {/* Where a screen reader listens before something is said. */}
        <div role="alert" className={style.alert}>
          {alert}
        </div>
      </form>
    </FormContext>
  );
}

const valuesOf = (data: FormData): Values => {
  const all = (name: string) => data.getAll(name).filter((value) => typeof value === 'string');
  return { all, text: (name) => all(name)[0] ?? '', has: (name) => data.has(name) };
};

/** A refusal's errors at the fields that there are; what is left, in words. */
function said(error: unknown, form: HTMLFormElement | null, refusal: FormProps['refusal']) {
  if (error instanceof Unreachable) return { errors: {}, rest: common.unknownOutcome };
  if (error instanceof Said) return { errors: {}, rest: error.message };
  if (!(error instanceof Refusal)) {
    console.error(error);
    return { errors: {}, rest: common.unexpected };
  }
  const { problem } = error;
  const named = (problem.errors ?? []).map(({ pointer, detail }) => [pointer.split('/')[1] ?? '', detail] as const);
  const [here, elsewhere] = [true, false].map((isHere) =>
    named.filter(([name]) => (form?.elements.namedItem(name) != null) === isHere),
  ) as [typeof named, typeof named];
  const own = refusal?.(problem);
  const rest =
    own ?? (named.length === 0 ? problem.detail : elsewhere.map(([name, detail]) => `${name} ${detail}`).join('; '));
  return {
    errors: Object.fromEntries(here.map(([name, detail]) => [name, capital(detail)])),
    rest: rest === '' ? undefined : rest,
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const isSecret = (field: Element) =>
  (field instanceof HTMLInputElement && (field.type === 'password' || field.autocomplete === 'one-time-code')) ||
  field.hasAttribute('data-secret');

/** One draft an address: what was typed there when the session ended. */
function useDraft(form: { readonly current: HTMLFormElement | null }) {
  useEffect(() => {
    const at = `rollcall-draft:${location.pathname}`;
    const kept = sessionStorage.getItem(at);
    const fields = () =>
      [...(form.current?.elements ?? [])].filter(
        (field) =>
          field instanceof HTMLInputElement ||
          field instanceof HTMLTextAreaElement ||
          field instanceof HTMLSelectElement,
      );
    if (kept !== null) {
      const draft = JSON.parse(kept) as Record<string, string>;
      for (const field of fields()) {
        const value = draft[field.name];
        if (value !== undefined && field.type !== 'radio' && field.type !== 'checkbox' && !isSecret(field))
          type(field, value);
      }
      sessionStorage.removeItem(at);
    }
    return onSignal((signal) => {
      const typed = fields().filter((field) => field.name !== '' && field.type !== 'hidden' && !isSecret(field));
      if (signal === 'ended' && typed.length > 0)
        sessionStorage.setItem(at, JSON.stringify(Object.fromEntries(typed.map(({ name, value }) => [name, value]))));
    });
  }, [form]);
}

/** As a person types it: React listens to the event, and to a value that it did not set itself. */
function type(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, value: string) {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
