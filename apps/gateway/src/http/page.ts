/** Text as it may stand in HTML. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A page of its own, in the look of the console. Its styles are files: nothing stands in the page itself. `body` is HTML. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${escaped(title)}</title>
<link rel="icon" href="/mark.svg" type="image/svg+xml"><link rel="stylesheet" href="/pages.css"><link rel="stylesheet" href="/brand.css"><script src="/theme.js"></script>
</head><body><header><a href="/" aria-label="Start"><img src="/mark.svg" alt="" width="24" height="24"></a><nav aria-label="Pages"><a href="/docs">API</a><a href="/problems">Problems</a><a href="/help/account">Help</a><a href="/keys">Console</a></nav></header><main><h1>${escaped(title)}</h1>${body}</main></body></html>`;
