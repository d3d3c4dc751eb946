import { useKeptHeight } from '../hooks/use-kept-height.ts';
import type { OfferSlot } from '../offer-slots.ts';
import { OfferCard } from './offer-card.tsx';
import { OfferNote } from './offer-note.tsx';

interface Props {
  readonly slot: OfferSlot;
  readonly onDismiss: () => void;
}

/** The place of one offer: its card, and once that is gone a note as high as it was. */
export function OfferPlace({ slot, onDismiss }: Props) {
  const { key, transfer, offer, gone } = slot;
  const place = useKeptHeight<HTMLDivElement>(gone === null);

  return (
    // The focus stays here when the card goes: a key that is pressed then was meant for the card, and does nothing.
    <div ref={place} className="offer-place" data-slot={key} tabIndex={-1} data-landing>
      {gone === null ? (
        <OfferCard
          transfer={transfer}
          offer={offer}
          problem={transfer.state.kind === 'offered' ? transfer.state.problem : undefined}
        />
      ) : (
        <OfferNote notes={[{ transfer, gone }]} onDismiss={onDismiss} />
      )}
    </div>
  );
}
