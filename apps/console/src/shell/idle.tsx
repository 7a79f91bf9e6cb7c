import { useEffect, useState } from 'react';
import { now } from '../api/clock.ts';
import { useSignOut } from '../context/sign-out.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { atMinute } from '../parts/when.tsx';
import { idle as text } from '../texts/idle.ts';

const MOMENTS = [20, 60, 120] as const;

/** Two minutes before an idle session ends, in every tab. Those who do not see it hear it at two minutes, one, and 20 seconds. */
export function Idle({ endsAt, stay }: { endsAt: string; stay: () => Promise<void> }) {
  const signOut = useSignOut();
  const [left, count] = useState(() => Date.parse(endsAt) - now());
  useEffect(() => {
    const timer = setInterval(() => {
      count(Date.parse(endsAt) - now());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [endsAt]);
  const moment = MOMENTS.find((seconds) => left <= seconds * 1_000);
  const here = () => void stay();
  return (
    <Dialog title={text.title} size="s" onClose={here}>
      <p>{text.text(atMinute(endsAt))}</p>
      <p role="alert" className="visually-hidden">
        {moment !== undefined && text.left[moment]}
      </p>
      <DialogFoot>
        <Button onClick={() => void signOut()}>{text.signOut}</Button>
        <Button look="solid" onClick={here} data-first>
          {text.stay}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
