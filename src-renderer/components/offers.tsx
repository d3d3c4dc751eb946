import { useMemo } from 'react';
import { usePage } from '../store.ts';
import { incomingOffers } from '../state.ts';
import { OfferCard } from './offer-card.tsx';

/** What others would like to send, above everything else. */
export function Offers() {
  const transfers = usePage((state) => state.transfers);
  const offers = useMemo(() => incomingOffers(transfers), [transfers]);
  return offers.map((offer) => <OfferCard key={offer.id} transfer={offer} />);
}
