import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes } from 'react';
import button from '../parts/button.module.css';
import style from './ways.module.css';

/** A way on that looks like what it is: what one does next. */
export const Go = createLink(({ className = '', ...rest }: AnchorHTMLAttributes<HTMLAnchorElement>) => (
  <a {...rest} className={`${button.button} ${button.solid} ${style.go} ${className}`} />
));
