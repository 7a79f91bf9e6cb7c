/** What an address brings that must not stay in it: a mailed link's token, or a provider's answer as it stood there. */
export interface Arrival {
  readonly token?: string;
  readonly query?: string;
}

/** Takes it out of the address. The router would write what looks like a number anew, so the answer is read before it. */
function read(): Arrival {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  const query = /^\/sso\/[^/]+\/callback$/.test(location.pathname) ? location.search.slice(1) : '';
  if (token === '' && query === '') return {};
  history.replaceState(history.state, '', location.pathname + (query === '' ? location.search : ''));
  return token === '' ? { query } : { token };
}

let arrived: Arrival = read();
const listeners = new Set<() => void>();
// The same page, and another link of the same kind.
addEventListener('hashchange', () => {
  const next = read();
  if (next.token === undefined) return;
  arrived = next;
  for (const listener of listeners) listener();
});

/** What brought the browser here. It is forgotten by `forgetArrival`. */
export const arrival = (): Arrival => arrived;
export const forgetArrival = (): void => {
  arrived = {};
};
export const onArrival = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
