import { CopyButton } from './copy-button.tsx';
import style from './copied.module.css';

/** What is to be copied into something else, letter by letter, a line each. */
export const Copied = ({ of }: { of: readonly (readonly [name: string, value: string])[] }) => (
  <dl className={style.copied}>
    {of.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>
          <code>{value}</code>
          <CopyButton text={value} what={name} />
        </dd>
      </div>
    ))}
  </dl>
);
