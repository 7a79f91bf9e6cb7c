import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, Refusal } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { start } from '../api/queries.ts';
import { met } from '../api/signals.ts';
import { useMe } from '../context/organization.ts';
import { SESSION_CHANNEL, tellEnded, type Told } from '../context/session-channel.ts';

const ASK_BEFORE_MS = 120_000;
const TOUCH_EVERY_MS = 60_000;
/** Timers hold 24.8 days at most. */
const TIMER_MAX_MS = 2_000_000_000;
const ASK_AGAIN_MS = 3_000;

/**
 * When an idle session ends, in all tabs of a browser alike. The server is the one clock: before a tab shows anything it asks, without that
 * counting as activity. A key or a click says that a person is here, once a minute at most.
 * @returns the instant, once it is two minutes away; undefined: all is well. `stay` says that somebody is here.
 */
export function useIdle(): { endsAt: string | undefined; stay: () => Promise<void> } {
  const { session } = useMe();
  const queries = useQueryClient();
  const [idleEndsAt, know] = useState(session.idleEndsAt);
  const [endsAt, warn] = useState<string>();
  const channel = useRef<BroadcastChannel>(undefined);
  const touchedAt = useRef(now());

  const learn = useCallback((at: string | null) => {
    know(at);
    warn(at !== null && Date.parse(at) - now() <= ASK_BEFORE_MS ? at : undefined);
  }, []);
  const stay = useCallback(async () => {
    touchedAt.current = now();
    const told = await api.post('/v1/sessions/current/touch', { body: {} });
    learn(told.idleEndsAt);
    channel.current?.postMessage({ stayed: told.idleEndsAt } satisfies Told);
  }, [learn]);

  useEffect(() => {
    know(session.idleEndsAt);
  }, [session.idleEndsAt]);

  useEffect(() => {
    const it = new BroadcastChannel(SESSION_CHANNEL);
    channel.current = it;
    it.onmessage = ({ data }: MessageEvent<Told>) => {
      if ('stayed' in data) learn(data.stayed);
      else met('session/required');
    };
    return () => {
      it.close();
    };
  }, [learn]);

  useEffect(() => {
    if (idleEndsAt === null) return undefined;
    const left = () => Date.parse(idleEndsAt) - now();
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const wait = () => {
      const next = left() > ASK_BEFORE_MS ? left() - ASK_BEFORE_MS : Math.max(left(), ASK_AGAIN_MS);
      timer = setTimeout(() => void look(), Math.min(next + 50, TIMER_MAX_MS));
    };
    const look = async () => {
      clearTimeout(timer);
      try {
        // What is refused tells the shell by itself that the session has ended.
        learn((await api.get('/v1/sessions/current', { background: true })).idleEndsAt);
      } catch (error) {
        if (error instanceof Refusal && error.problem.code === 'session/required') tellEnded();
      }
      void queries.invalidateQueries({ queryKey: start.queryKey, refetchType: 'none' });
      // Where the end is still the same it is waited for anew.
      if (!isOver) wait();
    };
    // Timers stand still while a computer sleeps.
    const seen = () => {
      if (!document.hidden && left() <= ASK_BEFORE_MS) void look();
    };
    wait();
    document.addEventListener('visibilitychange', seen);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [idleEndsAt, learn, queries]);

  useEffect(() => {
    if (idleEndsAt === null || endsAt !== undefined) return undefined;
    const here = () => {
      if (now() - touchedAt.current > TOUCH_EVERY_MS) void stay().catch(() => undefined);
    };
    addEventListener('keydown', here);
    addEventListener('pointerdown', here);
    return () => {
      removeEventListener('keydown', here);
      removeEventListener('pointerdown', here);
    };
  }, [idleEndsAt, endsAt, stay]);

  return { endsAt, stay };
}
