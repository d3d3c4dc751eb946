import { X } from 'lucide-react';
import { useId } from 'react';
import type { TransferView } from '../../shared/views.ts';
import { goneText } from '../phrases.ts';
import type { Gone } from '../phrases.ts';

interface Props {
  readonly transfer: TransferView;
  readonly gone: Gone;
  readonly onDismiss: () => void;
}

/** What became of a card that was here. Nothing in it answers anything, wherever it is pressed. */
export function OfferNote({ transfer, gone, onDismiss }: Props) {
  const text = useId();
  return (
    <div className="offer-note" data-gone={gone}>
      <p id={text}>{goneText(transfer, gone)}</p>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss this note"
        aria-describedby={text}
        onClick={onDismiss}
      >
        <X aria-hidden className="icon" />
      </button>
    </div>
  );
}
