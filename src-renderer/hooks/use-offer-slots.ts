import { useCallback, useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { TransferView } from '../../shared/views.ts';
import { NO_SLOTS, spreadOut, updateSlots, withoutNotes } from '../offer-slots.ts';
import type { OfferSlot } from '../offer-slots.ts';

/** Notes stay this long after the pointer has left them, in milliseconds: long enough to be read. */
const NOTE_MS = 3_000;

interface Slots {
  readonly slots: readonly OfferSlot[];
  /** Takes notes away. */
  readonly dismiss: (keys: readonly number[]) => void;
  /** Gives each of the offers in a stack a card. */
  readonly spread: (keys: readonly number[]) => void;
  /** For the area in which the slots are. */
  readonly area: {
    readonly ref: RefObject<HTMLDivElement | null>;
    readonly onPointerEnter: () => void;
    readonly onPointerLeave: () => void;
  };
}

/** The places of the offers among these transfers. */
export function useOfferSlots(transfers: readonly TransferView[]): Slots {
  const [slots, setSlots] = useState(() => updateSlots(NO_SLOTS, transfers));
  const [isPointedAt, setPointedAt] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  // While drawing: what is drawn never shows a card that is gone.
  const current = updateSlots(slots, transfers);
  if (current !== slots) setSlots(current);

  const hasNotes = current.slots.some(({ gone }) => gone !== null);
  useEffect(() => {
    if (!hasNotes || isPointedAt) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    const dropNotes = (): void => {
      // The browser knows where the pointer is also where the event that told so was missed, or was about
      // what is gone by now.
      if (place.current?.matches(':hover') === true) timer = setTimeout(dropNotes, NOTE_MS);
      else setSlots((before) => withoutNotes(before));
    };
    timer = setTimeout(dropNotes, NOTE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [hasNotes, isPointedAt]);

  const dismiss = useCallback((keys: readonly number[]) => {
    setSlots((before) => withoutNotes(before, keys));
  }, []);
  const spread = useCallback((keys: readonly number[]) => {
    setSlots((before) => spreadOut(before, keys));
  }, []);
  return {
    slots: current.slots,
    dismiss,
    spread,
    area: {
      ref: place,
      onPointerEnter: () => {
        setPointedAt(true);
      },
      onPointerLeave: () => {
        setPointedAt(false);
      },
    },
  };
}
