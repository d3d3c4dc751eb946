import { ClipboardPaste, QrCode } from 'lucide-react';
import { useId } from 'react';
import { useActions } from '../store.ts';
import { StepTitle } from './step-title.tsx';

/** The first question: which of the two devices is this? */
export function PairChoose() {
  const { showInvite, enterInvite } = useActions();
  const showHint = useId();
  const enterHint = useId();
  return (
    <>
      <StepTitle>Pair a device</StepTitle>
      <p className="dialog-text">One of the two devices shows an invite, the other one enters it.</p>
      <div className="choices">
        <div className="choice">
          <QrCode aria-hidden className="choice-sign" />
          <button
            type="button"
            className="button"
            aria-describedby={showHint}
            onClick={() => void showInvite()}
          >
            Show an invite
          </button>
          <p id={showHint} className="quiet">
            A link for the other device, made here and now.
          </p>
        </div>
        <div className="choice">
          <ClipboardPaste aria-hidden className="choice-sign" />
          <button type="button" className="button" aria-describedby={enterHint} onClick={enterInvite}>
            Enter an invite
          </button>
          <p id={enterHint} className="quiet">
            The other device shows a link already.
          </p>
        </div>
      </div>
    </>
  );
}
