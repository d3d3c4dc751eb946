import { useEffect, useRef, useState } from 'react';
import { formatNumber } from '../../shared/format.ts';
import type { ErrorView, ItemView, OfferDigest, TransferView } from '../../shared/views.ts';
import { markWords, nameShown, unshownMarksText } from '../../shared/words.ts';
import { offerLabel, offerText } from '../phrases.ts';
import { useActions } from '../store.ts';
import { AnswerButton } from './answer-button.tsx';
import { Flag } from './flag.tsx';
import { OfferMarks } from './offer-marks.tsx';

const ITEMS_SHOWN = 5;

interface Props {
  readonly transfer: TransferView;
  /** Of the offer that is shown: every answer names it. A card shows one offer for as long as it is there. */
  readonly offer: OfferDigest;
  /** Why the folder of an earlier yes could not be used. */
  readonly problem: ErrorView | undefined;
}

/** Somebody wants to send something: yes or no. */
export function OfferCard({ transfer, offer, problem }: Props) {
  const { accept, acceptInto, decline } = useActions();
  const [busy, setBusy] = useState(false);
  const card = useRef<HTMLElement>(null);
  const items = transfer.items.slice(0, ITEMS_SHOWN);
  const more = transfer.itemCount - items.length;
  const marked = unshownMarksText(transfer, items);

  useEffect(() => {
    // After focus.ts has found a place for a focus that something else has lost in the same moment.
    queueMicrotask(() => {
      // Whoever is in the middle of something keeps the focus; whoever is not gets to the answer with one key.
      if (document.activeElement === null || document.activeElement === document.body) {
        card.current?.focus({ preventScroll: true });
      }
    });
  }, []);

  const answer =
    (run: (id: TransferView['id'], offer: OfferDigest) => Promise<boolean>) => async (): Promise<void> => {
      if (busy) return;
      setBusy(true);
      await run(transfer.id, offer);
      setBusy(false);
    };

  return (
    <section ref={card} className="offer" aria-label={offerLabel(transfer)} tabIndex={-1}>
      <Flag id={transfer.device.id} />
      <div className="offer-body">
        <h2>{offerText(transfer)}</h2>
        <ul className="offer-names" aria-label="What it would send">
          {items.map((item, index) => (
            <Item key={index} item={item} />
          ))}
          {more > 0 && <li className="offer-more">and {formatNumber(more)} more</li>}
        </ul>
        {marked !== undefined && <p className="offer-marked">Contains {marked}.</p>}
        <div role="alert">{problem !== undefined && <p className="offer-problem">{problem.message}</p>}</div>
      </div>
      <div className="offer-buttons">
        {/* One button each for the two states of the card, so that the keyboard focus stays on it. */}
        <AnswerButton
          isPrimary
          busy={busy}
          onClick={() => void answer(problem === undefined ? accept : acceptInto)()}
        >
          {problem === undefined ? 'Accept' : 'Choose another folder…'}
        </AnswerButton>
        <AnswerButton busy={busy} onClick={() => void answer(problem === undefined ? acceptInto : accept)()}>
          {problem === undefined ? 'Accept into…' : 'Try again'}
        </AnswerButton>
        <AnswerButton busy={busy} onClick={() => void answer(decline)()}>
          Decline
        </AnswerButton>
      </div>
    </section>
  );
}

/** A file or folder by its name, and what it is beside a plain file. */
function Item({ item }: { readonly item: ItemView }) {
  return (
    <li>
      <span className="offer-name">{nameShown(item.name)}</span>
      <OfferMarks words={markWords(item)} />
    </li>
  );
}
