import { useEffect, useId, useRef, useState } from 'react';
import { formatNumber } from '../../shared/format.ts';
import type { TransferView } from '../../shared/views.ts';
import { nameShown, offerText } from '../phrases.ts';
import { useActions } from '../store.ts';
import { Flag } from './flag.tsx';

const NAMES_SHOWN = 5;

interface Props {
  readonly transfer: TransferView;
}

/** Somebody wants to send something: yes or no. */
export function OfferCard({ transfer }: Props) {
  const { accept, acceptInto, decline } = useActions();
  const [busy, setBusy] = useState(false);
  const card = useRef<HTMLElement>(null);
  const heading = useId();
  const names = transfer.items.slice(0, NAMES_SHOWN);
  const more = transfer.itemCount - names.length;

  useEffect(() => {
    // Whoever is in the middle of something keeps the focus; whoever is not gets to the answer with one key.
    if (document.activeElement === null || document.activeElement === document.body) {
      card.current?.focus({ preventScroll: true });
    }
  }, []);

  const answer = (run: (id: TransferView['id']) => Promise<boolean>) => async (): Promise<void> => {
    setBusy(true);
    await run(transfer.id);
    setBusy(false);
  };

  return (
    <section ref={card} className="offer" aria-labelledby={heading} tabIndex={-1}>
      <Flag id={transfer.device.id} />
      <div className="offer-body">
        <h2 id={heading}>{offerText(transfer)}</h2>
        <ul className="offer-names" aria-label="What it would send">
          {names.map((name, index) => (
            <li key={index}>{nameShown(name)}</li>
          ))}
          {more > 0 && <li className="offer-more">and {formatNumber(more)} more</li>}
        </ul>
      </div>
      <div className="offer-buttons">
        <button
          type="button"
          className="button primary"
          disabled={busy}
          onClick={() => void answer(accept)()}
        >
          Accept
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => void answer(acceptInto)()}>
          Accept into…
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => void answer(decline)()}>
          Decline
        </button>
      </div>
    </section>
  );
}
