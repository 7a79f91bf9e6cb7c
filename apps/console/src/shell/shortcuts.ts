import { useEffect, useSyncExternalStore } from 'react';

const KEY = 'rollcall-single-keys';
const listeners = new Set<() => void>();
const areOn = () => localStorage.getItem(KEY) !== 'off';

/** WCAG 2.1.4: shortcuts of one letter can be turned off. */
export const useSingleKeys = (): boolean =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, areOn);

export function chooseSingleKeys(on: boolean): void {
  localStorage.setItem(KEY, on ? 'on' : 'off');
  for (const listener of listeners) listener();
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, dialog, [role=menu], [contenteditable]') !== null;

/** Listens to keys of the whole page; `Mod+K` is with Ctrl or ⌘, the rest single letters, which somebody who types does not mean. */
export function useShortcuts(of: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const withMod = event.metaKey || event.ctrlKey;
      if (!withMod && (event.altKey || !areOn() || isTyping(event.target))) return;
      const act = of[withMod ? `Mod+${event.key.toUpperCase()}` : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', listen);
    return () => {
      removeEventListener('keydown', listen);
    };
  });
}
