import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import style from './states.module.css';

/** Nothing is here yet, or nothing matches: what it would be, and the one way on. */
export const Empty = ({
  icon: Icon,
  title,
  text,
  children,
}: {
  icon: LucideIcon;
  title: string;
  text: string;
  children?: ReactNode;
}) => (
  <div className={style.empty}>
    <Icon size={22} aria-hidden="true" />
    <h2>{title}</h2>
    <p>{text}</p>
    {children}
  </div>
);
