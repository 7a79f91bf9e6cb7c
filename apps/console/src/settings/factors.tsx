import { Ellipsis, Fingerprint, PencilLine, Smartphone, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { hasPasskeys } from '../context/passkeys.ts';
import { Button } from '../parts/button.tsx';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { Row } from '../parts/rows.tsx';
import { When } from '../parts/when.tsx';
import { settings } from '../texts/settings.ts';
import { RemoveFactor, RenameFactor } from './factor-dialogs.tsx';
import type { Factor, Security } from './security.ts';
import { useDialog } from './use-dialog.ts';
import style from './settings-page.module.css';

const { factors: text, passkey } = settings;

/** Authenticators, and passkeys, each with what one can do with it. */
export function Factors({ of: known }: { of: Security }) {
  const { open } = useDialog();
  const [opened, act] = useState<{ on: Factor; does: 'rename' | 'remove' }>();
  const close = () => {
    act(undefined);
  };
  const rows = (kind: Factor['kind']) =>
    known.factors
      .filter((factor) => factor.kind === kind)
      .map((factor) => (
        <FactorRow
          key={factor.id}
          of={factor}
          onAct={(does) => {
            act({ on: factor, does });
          }}
        />
      ));
  const isLast = known.multiFactor.enabled && known.factors.length === 1;
  return (
    <>
      {rows('authenticator')}
      {known.multiFactor.enabled && (
        <div className={style.foot}>
          <Button
            look="quiet"
            writes
            onClick={() => {
              open('authenticator');
            }}
          >
            {text.addApp}
          </Button>
        </div>
      )}
      <Row
        title={passkey.title}
        text={!known.passkeys ? passkey.unavailable : hasPasskeys ? passkey.text : passkey.unsupported}
        icon={<Fingerprint size={18} aria-hidden="true" />}
      >
        {known.passkeys && hasPasskeys ? (
          <Button
            writes
            onClick={() => {
              open('passkey');
            }}
          >
            {passkey.add}
          </Button>
        ) : undefined}
      </Row>
      {rows('passkey')}
      {opened?.does === 'rename' && <RenameFactor of={opened.on} onClose={close} />}
      {opened?.does === 'remove' && <RemoveFactor of={opened.on} isLast={isLast} onClose={close} />}
    </>
  );
}

function FactorRow({ of, onAct }: { of: Factor; onAct: (does: 'rename' | 'remove') => void }) {
  const { kind, name, createdAt, lastUsedAt, backedUp } = of;
  const Icon = kind === 'passkey' ? Fingerprint : Smartphone;
  return (
    <Row
      title={<bdi>{name}</bdi>}
      icon={<Icon size={18} aria-hidden="true" />}
      text={
        <>
          {text.kinds[kind]}
          {backedUp !== null && <>, {backedUp ? text.backedUp : text.bound}</>} · {text.added} <When at={createdAt} /> ·{' '}
          {lastUsedAt === null ? (
            text.never
          ) : (
            <>
              {text.used} <When at={lastUsedAt} />
            </>
          )}
        </>
      }
    >
      <Menu label={text.actions(name)} button={<Ellipsis size={17} aria-hidden="true" />} buttonClass={style.dots}>
        <MenuItem
          onSelect={() => {
            onAct('rename');
          }}
        >
          <PencilLine size={15} aria-hidden="true" />
          {text.rename}
        </MenuItem>
        <MenuItem
          bad
          onSelect={() => {
            onAct('remove');
          }}
        >
          <Trash2 size={15} aria-hidden="true" />
          {text.remove}
        </MenuItem>
      </Menu>
    </Row>
  );
}
