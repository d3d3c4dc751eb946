import { useOfferSlots } from '../hooks/use-offer-slots.ts';
import { usePage } from '../store.ts';
import { OfferPlace } from './offer-place.tsx';

/** What others would like to send, above everything else. */
export function Offers() {
  const transfers = usePage((state) => state.transfers);
  const { slots, dismiss, area } = useOfferSlots(transfers);
  const dismissAndMoveOn = (key: number): void => {
    // The focus goes with the note: to what comes next.
    (
      area.ref.current?.querySelector<HTMLElement>('.offer') ?? document.getElementById('devices-heading')
    )?.focus();
    dismiss(key);
  };
  return (
    <div className="offers" {...area}>
      {slots.map((slot) => (
        <OfferPlace key={slot.key} slot={slot} dismiss={dismissAndMoveOn} />
      ))}
    </div>
  );
}
