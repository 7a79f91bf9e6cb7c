/** What the tabs of a browser tell each other of their session. */
export const SESSION_CHANNEL = 'rollcall-session';
export type Told = { stayed: string | null } | { ended: true };

/** Every tab that is inside leaves. */
export function tellEnded(): void {
  const channel = new BroadcastChannel(SESSION_CHANNEL);
  channel.postMessage({ ended: true } satisfies Told);
  channel.close();
}
