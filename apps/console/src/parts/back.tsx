import { Link, type LinkProps } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import style from './back.module.css';

/** Above the page of one thing: the way to all of them. */
export const Back = ({ to, text }: { to: NonNullable<LinkProps['to']>; text: string }) => (
  <Link to={to} className={style.back}>
    <ArrowLeft size={15} aria-hidden="true" />
    {text}
  </Link>
);
