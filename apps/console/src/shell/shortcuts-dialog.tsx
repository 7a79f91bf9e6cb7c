import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { common } from '../texts/common.ts';
import { shell } from '../texts/shell.ts';

export const ShortcutsDialog = ({ onClose }: { onClose: () => void }) => (
  <Dialog title={shell.shortcuts.title} onClose={onClose} size="s">
    <Facts of={shell.shortcuts.of.map(([key, does]) => [does, <kbd>{key}</kbd>])} />
    <p>{shell.shortcuts.off}</p>
    <DialogFoot>
      <Button look="solid" onClick={onClose} data-first>
        {common.close}
      </Button>
    </DialogFoot>
  </Dialog>
);
