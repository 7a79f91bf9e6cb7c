import { now } from '../api/clock.ts';
import { Chip } from '../parts/chip.tsx';
import { ago, onDay, When } from '../parts/when.tsx';
import { keys } from '../texts/keys.ts';
import type { Item } from '../api/client.ts';

const SOON_MS = 14 * 86_400_000;
const { status: text } = keys;

/** Whether a key works, and for how long, in words. */
export function KeyStatus({ of: { status, expiresAt, ...key } }: { of: Item<'/v1/keys'> }) {
  if (status === 'revoked') return <Chip tone="bad">{text.revoked}</Chip>;
  if (expiresAt === null) return <span>{text.noExpiry}</span>;
  if (status === 'expired') return <Chip tone="calm">{text.expired(ago(expiresAt))}</Chip>;
  if (key.replacedBy) return <Chip tone="warn">{text.replaced(onDay(expiresAt))}</Chip>;
  if (Date.parse(expiresAt) - now() < SOON_MS) return <Chip tone="warn">{text.expires(ago(expiresAt))}</Chip>;
  return (
    <span>
      {text.expires('')}
      <When at={expiresAt} />
    </span>
  );
}
