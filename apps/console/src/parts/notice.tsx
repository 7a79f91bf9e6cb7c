import { CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import style from './notice.module.css';

const ICONS = { calm: Info, good: CircleCheck, warn: TriangleAlert, bad: TriangleAlert };

/** Something to know before one goes on. */
export function Notice({ tone, children }: { tone: 'calm' | 'good' | 'warn' | 'bad'; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <div className={`${style.notice} ${style[tone]}`}>
      <Icon size={16} aria-hidden="true" />
      <div>{children}</div>
    </div>
  );
}
