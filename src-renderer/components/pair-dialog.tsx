import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef } from 'react';
import { unreachable } from '../../shared/unreachable.ts';
import { followed } from '../state.ts';
import { useActions, usePage } from '../store.ts';
import { PairAttempt } from './pair-attempt.tsx';
import { PairChoose } from './pair-choose.tsx';
import { PairEnter } from './pair-enter.tsx';
import { PairShow } from './pair-show.tsx';
import { ProblemBar } from './problem-bar.tsx';

/** "Pair a device", from the first question to the end. */
export function PairDialog() {
  const step = usePage((state) => state.dialog.step);
  const { closePairing } = useActions();
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Dialog.Root
      open={step !== 'closed'}
      // A click beside it must not throw a half-made pairing away; Escape and the cross do.
      disablePointerDismissal
      onOpenChange={(open) => {
        if (!open) void closePairing();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Viewport className="dialog-viewport">
          <Dialog.Popup
            ref={popup}
            className="dialog pairing"
            data-step={step}
            initialFocus={() => popup.current?.querySelector<HTMLElement>('[data-step-title]') ?? true}
          >
            <Dialog.Close className="icon-button dialog-close" aria-label="Close">
              <X aria-hidden className="icon" />
            </Dialog.Close>
            <Step />
            <ProblemBar />
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Step() {
  const dialog = usePage((state) => state.dialog);
  const pairing = usePage(followed);
  switch (dialog.step) {
    case 'closed':
      return null;
    case 'choose':
      return <PairChoose />;
    case 'show':
      return <PairShow invite={dialog.invite} error={dialog.error} />;
    case 'enter':
      return <PairEnter key={dialog.text} text={dialog.text} opened={dialog.opened} />;
    case 'follow':
      return <PairAttempt pairing={pairing} />;
    default:
      return unreachable(dialog);
  }
}
