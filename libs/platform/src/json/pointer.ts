/** Where in a JSON text something is: its names and numbers from the outside in, as a JSON pointer (RFC 6901); '' for the whole. */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
