import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
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
  return (
    <div className={style.card}>
      <Link to="/" className={style.mark} aria-label={name}>
        <Mark size={30} />
      </Link>
      <h1>{heading}</h1>
      {lead !== undefined && <p className={style.lead}>{lead}</p>}
      {children}
    </div>
  );
}

export const Foot = ({ children }: { children: ReactNode }) => <p className={style.foot}>{children}</p>;
