import { useEffect, useState, useSyncExternalStore } from 'react';
import { now } from '../api/clock.ts';
import { common } from '../texts/common.ts';
import style from './when.module.css';

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;
const LOOK_AGAIN_MS = 30_000;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const minute = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

/** "6 minutes ago", "in 5 days", by the server's clock. */
export function ago(at: string, from = now()): string {
  const seconds = (Date.parse(at) - from) / 1000;
  if (Math.abs(seconds) < 60) return seconds > 0 ? common.inAMoment : common.justNow;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['minute', 60];
  return relative.format(Math.round(seconds / size), unit);
}
/** "4 July 2027". */
export const onDay = (at: string): string => date.format(new Date(at));
/** "12:00:03". */
export const atSecond = (at: string): string => clock.format(new Date(at));
/** "12:30". */
export const atMinute = (at: string): string => minute.format(new Date(at));

const KEY = 'rollcall-times';
const listeners = new Set<() => void>();

/** Whether all times are shown as they stand on a clock: touch and screen readers have no hover. */
export const useExactTimes = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => localStorage.getItem(KEY) === 'exact',
  );

export function chooseExactTimes(areExact: boolean): void {
  localStorage.setItem(KEY, areExact ? 'exact' : 'relative');
  for (const listener of listeners) listener();
}

/** How long ago, in words; the instant itself on hover. */
export function When({ at }: { at: string }) {
  const areExact = useExactTimes();
  const [, look] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      look((times) => times + 1);
    }, LOOK_AGAIN_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  const exactly = absolute.format(new Date(at));
  return (
    <time dateTime={at} title={exactly} className={style.when}>
      {areExact ? exactly : ago(at)}
    </time>
  );
}
