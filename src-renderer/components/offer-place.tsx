import { useLayoutEffect, useRef } from 'react';
import type { OfferSlot } from '../offer-slots.ts';
import { OfferCard } from './offer-card.tsx';
import { OfferNote } from './offer-note.tsx';

interface Props {
  readonly slot: OfferSlot;
  readonly dismiss: (key: number) => void;
}

/** The place of one offer: its card, and once that is gone a note as high as it was. */
export function OfferPlace({ slot, dismiss }: Props) {
  const { key, transfer, offer, gone } = slot;
  const place = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    if (gone === null) height.current = element.offsetHeight;
    else element.style.minHeight = `${String(height.current)}px`;
  });

  return (
    // The focus stays here when the card goes: a key that is pressed then was meant for the card, and does nothing.
    <div ref={place} className="offer-place" tabIndex={-1} data-landing>
      {gone === null ? (
        <OfferCard transfer={transfer} offer={offer} />
      ) : (
        <OfferNote
          transfer={transfer}
          gone={gone}
          onDismiss={() => {
            dismiss(key);
          }}
        />
      )}
    </div>
  );
}
