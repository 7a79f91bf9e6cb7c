import type { FastifyHelmetOptions } from '@fastify/helmet';

/** Nothing from elsewhere, nothing within elsewhere, and nothing that stands in our pages themselves: only files of ours. */
const OURS = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
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

/** The documentation in the console's colours, light and dark: its renderer takes them by these names. */
export const DOCUMENTATION_STYLE = `
@import url('/pages.css');
.light-mode, .dark-mode {
  --scalar-font: var(--sans); --scalar-font-code: var(--mono);
  --scalar-color-1: var(--ink); --scalar-color-2: var(--ink-2); --scalar-color-3: var(--ink-3); --scalar-color-accent: var(--accent);
  --scalar-background-1: var(--canvas); --scalar-background-2: var(--sunken); --scalar-background-3: var(--hover); --scalar-background-accent: var(--accent-soft);
  --scalar-border-color: var(--line); --scalar-button-1: var(--solid); --scalar-button-1-color: var(--on-solid); --scalar-button-1-hover: var(--solid-hover);
  --scalar-color-green: var(--good); --scalar-color-red: var(--bad); --scalar-color-yellow: var(--warn); --scalar-color-orange: var(--warn); --scalar-color-blue: var(--accent); --scalar-color-purple: var(--accent);
  --scalar-sidebar-background-1: var(--canvas); --scalar-sidebar-color-1: var(--ink); --scalar-sidebar-color-2: var(--ink-2); --scalar-sidebar-border-color: var(--line);
  --scalar-sidebar-item-hover-background: var(--hover); --scalar-sidebar-item-active-background: var(--sunken); --scalar-sidebar-color-active: var(--ink); --scalar-sidebar-search-background: var(--surface); --scalar-sidebar-search-border-color: var(--line-control); --scalar-sidebar-search-color: var(--ink-3);
}
a[href*='scalar.com'] { display: none; }
.light-mode { color-scheme: light; }
.dark-mode { color-scheme: dark; }
`;
