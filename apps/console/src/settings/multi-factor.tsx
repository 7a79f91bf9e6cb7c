import { RectangleEllipsis, Smartphone } from 'lucide-react';
import { useId } from 'react';
import { Button } from '../parts/button.tsx';
import { Switch } from '../parts/field.tsx';
import { Row } from '../parts/rows.tsx';
import { settings } from '../texts/settings.ts';
import { listed, useNames } from './organizations.ts';
import type { Security } from './security.ts';
import { useDialog } from './use-dialog.ts';

const { multiFactor: text, codes } = settings;

/** Whether a second factor is asked for. Turning it either way goes through a dialog, so the switch follows what is so. */
export function MultiFactor({ of: { multiFactor, codesLeft } }: { of: Security }) {
  const id = useId();
  const { open } = useDialog();
  const demanders = useNames(multiFactor.demandedBy);
  const isDemanded = multiFactor.demandedBy.length > 0;
  const by = demanders.length === 0 ? settings.confinedBy : listed(demanders);
  return (
    <>
      <Row
        title={text.title}
        textId={id}
        icon={<Smartphone size={18} aria-hidden="true" />}
        text={isDemanded ? `${multiFactor.enabled ? text.demanded(by) : text.wanted(by)} ${text.text}` : text.text}
      >
        <Switch
          label={text.title}
          describedBy={id}
          checked={multiFactor.enabled}
          disabled={multiFactor.enabled && isDemanded}
          onChange={() => {
            open('multi-factor');
          }}
        />
      </Row>
      {multiFactor.enabled && (
        <Row title={codes.title} text={codes.left(codesLeft)} icon={<RectangleEllipsis size={18} aria-hidden="true" />}>
          <Button
            writes
            onClick={() => {
              open('codes');
            }}
          >
            {codes.renew}
          </Button>
        </Row>
      )}
    </>
  );
}
