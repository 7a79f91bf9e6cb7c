import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { Segments } from './segments.tsx';
import style from './filters.module.css';

/** What narrows a list, above it, with how many are left. */
export const Filters = ({ children, count }: { children: ReactNode; count?: string | undefined }) => (
  <search className={style.bar}>
    {children}
    <p role="status" className={style.count}>
      {count}
    </p>
  </search>
);

interface FieldProps {
  icon: LucideIcon;
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (text: string) => void;
}
export const FilterField = ({ icon: Icon, label, placeholder, value, onChange }: FieldProps) => (
  <label className={style.find}>
    <Icon size={15} aria-hidden="true" />
    <span className="visually-hidden">{label}</span>
    <input
      type="search"
      placeholder={placeholder}
      value={value ?? ''}
      maxLength={100}
      onChange={(event) => {
        onChange(event.target.value);
      }}
    />
  </label>
);

interface SelectProps {
  label: string;
  /** What it says when nothing is chosen. */
  all: string;
  value: string | undefined;
  choices: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
}
export const FilterSelect = ({ label, all, value, choices, onChange }: SelectProps) => (
  <label className={style.pick}>
    <span className="visually-hidden">{label}</span>
    <select
      value={value ?? ''}
      onChange={(event) => {
        onChange(event.target.value);
      }}
    >
      <option value="">{all}</option>
      {choices.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

interface ChoiceProps {
  label: string;
  value: string;
  choices: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
}
export const FilterChoice = ({ label, ...segments }: ChoiceProps) => (
  <fieldset>
    <legend className="visually-hidden">{label}</legend>
    <Segments name={useId()} {...segments} />
  </fieldset>
);
