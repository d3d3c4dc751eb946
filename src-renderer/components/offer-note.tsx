import { X } from 'lucide-react';
import { useId } from 'react';
import type { TransferView } from '../../shared/views.ts';
import { goneText } from '../phrases.ts';
import type { Gone } from '../phrases.ts';

interface Props {
  readonly notes: readonly { readonly transfer: TransferView; readonly gone: Gone }[];
  readonly onDismiss: () => void;
}

/** What became of a card that was here, or of a stack. Nothing in it answers anything, wherever it is pressed. */
export function OfferNote({ notes, onDismiss }: Props) {
  const text = useId();
  return (
    <div className="offer-note" data-gone={notes[0]?.gone}>
      <div id={text}>
        {notes.map(({ transfer, gone }, index) => (
          <p key={index}>{goneText(transfer, gone)}</p>
        ))}
      </div>
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
