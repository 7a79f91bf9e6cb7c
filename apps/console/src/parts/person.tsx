import type { CSSProperties } from 'react';
import { common } from '../texts/common.ts';
import style from './person.module.css';

const initialsOf = (name: string) =>
  name
    .split(/\s+/)
    .map((word) => [...new Intl.Segmenter().segment(word)][0]?.segment ?? '')
    .slice(0, 2)
    .join('')
    .toLocaleUpperCase();
const hueOf = (name: string) => [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);

/** Initials on a hue of the name: decoration, the name stands beside it. */
export const Avatar = ({ name, size = 'm' }: { name: string; size?: 's' | 'm' }) => (
  <span
    aria-hidden="true"
    className={`${style.avatar} ${size === 's' ? style.small : ''}`}
    style={{ '--hue': hueOf(name) } as CSSProperties}
  >
    {initialsOf(name)}
  </span>
);

/** Somebody in a row. A name of any script stands in its own direction. */
export const Person = ({ name, shown = name }: { name: string; shown?: string }) => (
  <span className={style.person}>
    <Avatar name={name} size="s" />
    <bdi>{shown === '' ? common.gone : shown}</bdi>
  </span>
);
