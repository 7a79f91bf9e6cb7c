import { WifiOff } from 'lucide-react';
import { useLost } from '../api/reachable.ts';
import { atMinute } from '../parts/when.tsx';
import { states } from '../texts/common.ts';
import style from './states.module.css';

/** While nothing is reached: since when what is shown has been as it is. */
export function Offline() {
  const lost = useLost();
  return (
    <div role="status" className={style.strip}>
      {lost !== undefined && (
        <p>
          <WifiOff size={15} aria-hidden="true" />
          {states.offline(atMinute(new Date(lost).toISOString()))}
        </p>
      )}
    </div>
  );
}
