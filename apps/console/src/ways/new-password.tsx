import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { start } from '../api/queries.ts';
import { PasswordField } from '../parts/field.tsx';
import { ways } from '../texts/ways.ts';

const [MIN_ALONE, MIN_BESIDE] = [15, 8];

/** Counted as it is judged: characters of the composed form, not the units of a script's strings. */
const lengthOf = (password: string) => Array.from(password.normalize('NFC')).length;

/** A new password, with the real rule as one types. @param beside there is a second factor, so a shorter one does */
export function NewPassword({ beside = false, autoFocus = false }: { beside?: boolean; autoFocus?: boolean }) {
  const alone = useQuery(start).data?.config.passwordLengthMin ?? MIN_ALONE;
  const min = beside ? MIN_BESIDE : alone;
  const [length, count] = useState(0);
  const hint = length === 0 ? ways.atLeast(min) : length < min ? ways.toGo(min, min - length) : ways.longEnough;
  return (
    <PasswordField
      label={ways.newPassword}
      name="password"
      autoComplete="new-password"
      autoFocus={autoFocus}
      hint={hint}
      onChange={(event) => {
        count(lengthOf(event.target.value));
      }}
    />
  );
}
