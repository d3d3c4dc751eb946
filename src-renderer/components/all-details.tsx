import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useRef, useState } from 'react';
import type { UIEvent } from 'react';
import { displayText } from '../../shared/display.ts';
import { formatNumber } from '../../shared/format.ts';
import { leftOutOf } from '../../shared/views.ts';
import type { TransferDetail, TransferView } from '../../shared/views.ts';
import { leftOutTitle, renamedText, renamedTitle, skipReasonText } from '../../shared/words.ts';
import { sentenceOf } from '../bridge.ts';
import { transferLabel } from '../phrases.ts';
import { useActions } from '../store.ts';

interface Props {
  readonly transfer: TransferView;
}

/** A button that opens a list of all that was left out or renamed, where a row has room for the first of it only. */
export function AllDetails({ transfer }: Props) {
  return (
    <Dialog.Root>
      <Dialog.Trigger className="text-button all-details-button">Show all of them</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Viewport className="dialog-viewport">
          <Dialog.Popup className="dialog all-details">
            <Dialog.Title className="dialog-title">{transferLabel(transfer)}</Dialog.Title>
            <Lists transfer={transfer} />
            <div className="dialog-buttons">
              <Dialog.Close className="button">Close</Dialog.Close>
            </div>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** So near to the end, in pixels, more is fetched. */
const NEAR_END = 400;

/** Fetches page by page, as far as somebody scrolls. */
function Lists({ transfer }: Props) {
  const { details, hasMore, problem, more } = useDetails(transfer.id);
  const skippedCount = leftOutOf(transfer.state)?.skippedCount ?? 0;
  const renamedCount = 'outcome' in transfer.state ? transfer.state.outcome.renamedCount : 0;
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent) => {
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) more();
  };
  const skipped = details.filter((each) => each.kind === 'skipped');
  const renamed = details.filter((each) => each.kind === 'renamed');
  const unlisted = hasMore ? 0 : skippedCount + renamedCount - details.length;
  return (
    <div className="all-details-lists" tabIndex={0} role="group" aria-label="List" onScroll={onScroll}>
      {skippedCount > 0 && <h3>{leftOutTitle(skippedCount)}</h3>}
      <ul>
        {skipped.map(({ path, reason }, index) => (
          <li key={index}>
            <span className="path">{displayText(path)}</span> {skipReasonText(reason)}
          </li>
        ))}
      </ul>
      {renamedCount > 0 && (renamed.length > 0 || !hasMore) && <h3>{renamedTitle(renamedCount)}</h3>}
      <ul>
        {renamed.map((each, index) => (
          <li key={index}>
            <span className="path">{renamedText(each)}</span>
          </li>
        ))}
      </ul>
      {unlisted > 0 && problem === null && <p className="quiet">and {formatNumber(unlisted)} more</p>}
      {problem !== null && <p role="alert">{problem}</p>}
      {hasMore && (
        <button type="button" className="text-button" onClick={more}>
          Show more
        </button>
      )}
    </div>
  );
}

interface Fetched {
  readonly details: readonly TransferDetail[];
  readonly hasMore: boolean;
  /** What kept the rest from being fetched, as a sentence. */
  readonly problem: string | null;
  readonly more: () => void;
}

function useDetails(id: TransferView['id']): Fetched {
  const { details: fetchPage } = useActions();
  const [details, setDetails] = useState<readonly TransferDetail[]>([]);
  const [next, setNext] = useState<number | null>(0);
  const [problem, setProblem] = useState<string | null>(null);
  const isFetching = useRef(false);
  const more = (): void => {
    if (next === null || isFetching.current) return;
    isFetching.current = true;
    fetchPage(id, next)
      .then(
        (page) => {
          setDetails((before) => [...before, ...page.details]);
          setNext(page.next);
          setProblem(null);
        },
        (error: unknown) => {
          setProblem(sentenceOf(error));
        },
      )
      .finally(() => {
        isFetching.current = false;
      });
  };
  const first = useRef(more);
  useEffect(() => {
    first.current();
  }, []);
  return { details, hasMore: next !== null, problem, more };
}
