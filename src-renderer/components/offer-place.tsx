import { useCallback, useLayoutEffect, useRef } from 'react';
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
  /** Whether the keyboard focus was in the card as it went. */
  const hadFocus = useRef(false);
  const onLeave = useCallback((hasFocus: boolean) => {
    hadFocus.current = hasFocus;
  }, []);

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    if (gone === null) height.current = element.offsetHeight;
    else element.style.minHeight = `${String(height.current)}px`;
  });
  useLayoutEffect(() => {
    // A key that is pressed now was meant for the card: here it does nothing.
    if (gone !== null && hadFocus.current) place.current?.focus({ preventScroll: true });
  }, [gone]);

  return (
    <div ref={place} className="offer-place" tabIndex={-1}>
      {gone === null ? (
        <OfferCard transfer={transfer} offer={offer} onLeave={onLeave} />
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
