import { useQuery } from '@tanstack/react-query';
import type { shapes } from '@rollcall/contracts/rest';
import { useState } from 'react';
import { start } from '../api/queries.ts';
import { common } from '../texts/common.ts';
import { PasswordField } from './field.tsx';

const ALONE: typeof shapes.passwordLengths.alone = 15;
const BESIDE: typeof shapes.passwordLengths.beside = 8;

/** Counted as it is judged: characters of the composed form, not the units of a script's strings. */
const lengthOf = (password: string) => Array.from(password.normalize('NFC')).length;

interface NewPasswordProps {
  label: string;
  /** There is a second factor, so a shorter one does. */
  beside?: boolean;
  autoFocus?: boolean;
}

/** A new password, with the real rule as one types. */
export function NewPassword({ label, beside = false, autoFocus = false }: NewPasswordProps) {
  const alone = useQuery(start).data?.config.passwordLengthMin ?? ALONE;
  const min = beside ? BESIDE : alone;
  const [length, count] = useState(0);
  const { atLeast, toGo, longEnough } = common.password;
  return (
    <PasswordField
      label={label}
      name="password"
      autoComplete="new-password"
      autoFocus={autoFocus}
      hint={length === 0 ? atLeast(min) : length < min ? toGo(min, min - length) : longEnough}
      onChange={(event) => {
        count(lengthOf(event.target.value));
      }}
    />
  );
}
