import type { ReactNode } from 'react';
import style from './chip.module.css';

/** A state: a dot and a word, so that colour alone never says it. */
export const Chip = ({ tone, children }: { tone: 'good' | 'warn' | 'bad' | 'calm'; children: ReactNode }) => (
  <span className={`${style.chip} ${style[tone]}`}>{children}</span>
);
