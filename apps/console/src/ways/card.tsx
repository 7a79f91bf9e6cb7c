import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTitle } from '../parts/page.tsx';
import { useBrand } from '../context/brand.ts';
import { Mark } from '../parts/mark.tsx';
import style from './ways.module.css';

interface CardProps {
  title: string;
  /** What stands above it, where the tab's name is to say less. */
  heading?: ReactNode;
  lead?: ReactNode;
  children?: ReactNode;
}

/** One step of a way in: what it is, and what one does. */
export function Card({ title, heading = title, lead, children }: CardProps) {
  const { name } = useBrand();
  useTitle(title);
  // What comes next is told to those who do not see it, unless a field has the focus already.
  useEffect(() => {
    if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true });
  }, [title]);
  return (
    <div className={style.card}>
      <Link to="/" className={style.mark} aria-label={name}>
        <Mark size={30} />
      </Link>
      <h1>{heading}</h1>
      {lead !== undefined && lead !== false && <div className={style.lead}>{lead}</div>}
      {children}
    </div>
  );
}

export const Foot = ({ children }: { children: ReactNode }) => <p className={style.foot}>{children}</p>;
