import type { ReactNode } from 'react';
import style from './rows.module.css';

interface SectionProps {
  id?: string;
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}

/** A part of a page with a heading of its own: rows in a frame. */
export const Section = ({ id, title, lead, children }: SectionProps) => (
  <section id={id} aria-label={title} className={style.section}>
    <h2>{title}</h2>
    {lead !== undefined && <p>{lead}</p>}
    <div className={style.rows}>{children}</div>
  </section>
);

interface RowProps {
  title: ReactNode;
  text?: ReactNode;
  icon?: ReactNode;
  /** Of its text, for what describes a switch. */
  textId?: string;
  /** What one can do with it. */
  children?: ReactNode;
}

export const Row = ({ title, text, icon, textId, children }: RowProps) => (
  <div className={style.row}>
    {icon !== undefined && <div className={style.icon}>{icon}</div>}
    <div className={style.what}>
      <h3>{title}</h3>
      {text !== undefined && <p id={textId}>{text}</p>}
    </div>
    {children !== undefined && <div className={style.control}>{children}</div>}
  </div>
);
