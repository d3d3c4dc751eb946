import { useState } from 'react';
import { formatNumber } from '../../shared/format.ts';
import { markWords, markedText, namesOf } from '../../shared/words.ts';
import type { TransferView } from '../../shared/views.ts';
import { useKeptHeight } from '../hooks/use-kept-height.ts';
import type { OfferSlot, ShownOffer } from '../offer-slots.ts';
import { goneText, itemsShown, sizeText, stackText, togetherText } from '../phrases.ts';
import { useActions } from '../store.ts';
import { AnswerButton } from './answer-button.tsx';
import { Flag } from './flag.tsx';
import { OfferMarks } from './offer-marks.tsx';
import { OfferNote } from './offer-note.tsx';

interface Props {
  /** What lies in it, notes among it. All of one device. */
  readonly slots: readonly OfferSlot[];
  /** All that the device offers, here and in cards of its own. */
  readonly all: readonly OfferSlot[];
  readonly onSpread: () => void;
  readonly onDismiss: () => void;
}

/** Offers of a device that has many: a line for each, and one answer to all that it offers. */
export function OfferStack({ slots, all, onSpread, onDismiss }: Props) {
  const open = slots.filter(({ gone }) => gone === null);
  const place = useKeptHeight<HTMLDivElement>(open.length > 0);
  return (
    <div ref={place} className="offer-place" tabIndex={-1} data-landing>
      {open.length > 0 ? (
        <Stack slots={slots} openCount={open.length} all={all} onSpread={onSpread} />
      ) : (
        <OfferNote
          notes={slots.flatMap(({ transfer, gone }) => (gone === null ? [] : [{ transfer, gone }]))}
          onDismiss={onDismiss}
        />
      )}
    </div>
  );
}

type StackProps = Omit<Props, 'onDismiss'> & { readonly openCount: number };

function Stack({ slots, openCount, all, onSpread }: StackProps) {
  const { acceptAll, declineAll } = useActions();
  const [busy, setBusy] = useState(false);
  const device = slots[0]?.transfer.device;
  if (device === undefined) return null;
  const heading = stackText(openCount, all.length, device.name);
  const { size, marked } = togetherText(all.map(({ transfer }) => transfer));
  const ofAll = all.length > 1 ? ` all ${formatNumber(all.length)}` : '';
  /** What is shown now, and no offer that comes after it. */
  const answer = (run: (offers: readonly ShownOffer[]) => Promise<boolean>) => async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    await run(all);
    setBusy(false);
  };

  return (
    <section className="offer stack" aria-label={heading} tabIndex={-1}>
      <Flag id={device.id} />
      <div className="offer-body">
        <h2>{heading}</h2>
        <ul className="stack-lines" aria-label="What it would send">
          {slots.map((slot) => (
            <Line key={slot.key} slot={slot} />
          ))}
        </ul>
        {all.length > 1 && (
          <p className="stack-sum">
            {`All ${formatNumber(all.length)} together: ${size}.`}
            {marked !== undefined && <span className="offer-marked">{` Contains ${marked}.`}</span>}
          </p>
        )}
      </div>
      {/* Other buttons as soon as there is another offer: a press that was on its way to these is none on those. */}
      <div key={all.at(-1)?.key} className="offer-buttons">
        <AnswerButton isPrimary busy={busy} onClick={() => void answer(acceptAll)()}>
          Accept{ofAll}
        </AnswerButton>
        <AnswerButton busy={busy} onClick={() => void answer(declineAll)()}>
          Decline{ofAll}
        </AnswerButton>
        <AnswerButton onClick={onSpread}>{all.length > 1 ? 'Show each' : 'Show it'}</AnswerButton>
      </div>
    </section>
  );
}

/** One offer in a line of its own, or what became of it. */
function Line({ slot: { transfer, gone } }: { readonly slot: OfferSlot }) {
  const line = useKeptHeight<HTMLLIElement>(gone === null);
  return (
    <li ref={line} data-gone={gone}>
      {gone === null ? (
        <>
          <span className="offer-name">{itemsShown(namesOf(transfer), transfer.itemCount)}</span>
          <OfferMarks words={lineMarks(transfer)} />
          <span className="stack-size">{sizeText(transfer)}</span>
        </>
      ) : (
        goneText(transfer, gone)
      )}
    </li>
  );
}

/** Of one file what it is; else how much is hidden or a program, wherever it lies. */
function lineMarks(transfer: TransferView): readonly string[] {
  const [only] = transfer.itemCount === 1 ? transfer.items : [];
  if (only?.kind === 'file') return markWords(only);
  const marked = markedText(transfer);
  return [...(only === undefined ? [] : ['folder']), ...(marked === undefined ? [] : [marked])];
}
