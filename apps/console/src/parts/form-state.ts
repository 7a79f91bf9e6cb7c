import { createContext, use } from 'react';

export interface FormState {
  /** What is wrong, by the names of the fields. */
  errors: Readonly<Record<string, string>>;
  busy: boolean;
}
export const FormContext = createContext<FormState>({ errors: {}, busy: false });

/** What the form around a field or a button tells it. */
export const useForm = (): FormState => use(FormContext);
