import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTitle } from '../parts/page.tsx';
import { useBrand } from '../context/brand.ts';
import { Mark } from '../parts/mark.tsx';
import style from './ways.module.css';

/** One step of a way in: what it is, and what one does. */
export function Card({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  const { name } = useBrand();
  useTitle(title);
  return (
    <div className={style.card}>
      <Link to="/" className={style.mark} aria-label={name}>
        <Mark size={30} />
      </Link>
      <h1>{title}</h1>
      {lead !== undefined && <p className={style.lead}>{lead}</p>}
      {children}
    </div>
  );
}

export const Foot = ({ children }: { children: ReactNode }) => <p className={style.foot}>{children}</p>;
