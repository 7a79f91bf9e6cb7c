import style from './segments.module.css';

interface SegmentsProps {
  name: string;
  choices: readonly (readonly [value: string, text: string])[];
  value: string;
  onChange: (value: string) => void;
}

/** A few choices beside each other, one of which holds. What they are about is said by the fieldset around them. */
export const Segments = ({ name, choices, value, onChange }: SegmentsProps) => (
  <div className={style.segments}>
    {choices.map(([each, text]) => (
      <label key={each}>
        <input
          type="radio"
          name={name}
          value={each}
          checked={each === value}
          onChange={() => {
            onChange(each);
          }}
        />
        <span>{text}</span>
      </label>
    ))}
  </div>
);
