import { hash } from 'node:crypto';
import type { FastifyHelmetOptions } from '@fastify/helmet';
import { STYLE } from '../http/page.ts';

const hashOf = (text: string) => `'sha256-${hash('sha256', text, 'base64')}'`;

/** Nothing from elsewhere, nothing within elsewhere; of what stands in our pages themselves only what we have written. */
const OURS = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", hashOf(STYLE)],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

/** The headers of all answers. Only where an installation is asked by https does it hold browsers to it. */
export const helmetOptions = ({ origin }: { readonly origin: string }): FastifyHelmetOptions => ({
  contentSecurityPolicy: { useDefaults: false, directives: OURS },
  strictTransportSecurity: origin.startsWith('https:') ? { maxAge: 31_536_000 } : false,
  xFrameOptions: { action: 'deny' },
});

/** For the documentation alone, whose page the library writes: it may use its own styles and scripts, and still loads nothing from other origins. */
export const DOCUMENTATION =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
