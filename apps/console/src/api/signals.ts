/** What an answer can say of the session that asks, whatever was asked. */
const SIGNALS = { 'session/required': 'ended', 'account/suspended': 'suspended' } as const;
export type Signal = (typeof SIGNALS)[keyof typeof SIGNALS];

const listeners = new Set<(signal: Signal) => void>();

/** Tells the shell when a refusal is about the session itself. */
export function met(code: string): void {
  const signal = Object.entries(SIGNALS).find(([of]) => of === code)?.[1];
  if (signal) for (const listener of listeners) listener(signal);
}

/** @returns what ends the listening. */
export const onSignal = (listener: (signal: Signal) => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
