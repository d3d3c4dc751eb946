import { useEffect, useRef } from 'react';
import { useOfferSlots } from '../hooks/use-offer-slots.ts';
import { groupsOf, openOf } from '../offer-slots.ts';
import type { OfferGroup } from '../offer-slots.ts';
import { usePage } from '../store.ts';
import { OfferPlace } from './offer-place.tsx';
import { OfferStack } from './offer-stack.tsx';

/** What others would like to send, above everything else. */
export function Offers() {
  const transfers = usePage((state) => state.transfers);
  const { slots, dismiss, spread, area } = useOfferSlots(transfers);
  /** The offer that takes the focus once it has a card. */
  const wanted = useRef<number | undefined>(undefined);

  useEffect(() => {
    if (wanted.current === undefined) return;
    area.ref.current?.querySelector<HTMLElement>(`[data-slot="${String(wanted.current)}"] .offer`)?.focus();
    wanted.current = undefined;
  });

  const dismissAndMoveOn = (keys: readonly number[]): void => {
    // The focus goes with the note: to what comes next.
    (
      area.ref.current?.querySelector<HTMLElement>('.offer') ?? document.getElementById('devices-heading')
    )?.focus();
    dismiss(keys);
  };
  const show = (group: OfferGroup) => {
    if (group.kind === 'single') {
      const { slot } = group;
      return (
        <OfferPlace
          key={slot.key}
          slot={slot}
          onDismiss={() => {
            dismissAndMoveOn([slot.key]);
          }}
        />
      );
    }
    const keys = group.slots.map(({ key }) => key);
    return (
      <OfferStack
        key={`stack ${String(group.stack)}`}
        slots={group.slots}
        all={openOf(slots, group.device)}
        onSpread={() => {
          wanted.current = group.slots.find(({ gone }) => gone === null)?.key;
          spread(keys);
        }}
        onDismiss={() => {
          dismissAndMoveOn(keys);
        }}
      />
    );
  };
  return (
    <div className="offers" {...area}>
      {groupsOf(slots).map(show)}
    </div>
  );
}
