/** Text as it may stand in HTML. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** What all our pages look like. */
export const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;border:1px solid #8886;border-radius:6px;white-space:pre-wrap}table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.3rem .6rem;text-align:left}';

/** A plain page: readable without scripts, in light and dark, on any width. `body` is HTML. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)} · Rollcall</title>
<style>${STYLE}</style>
</head><body><main><h1>${escaped(title)}</h1>${body}</main></body></html>`;
