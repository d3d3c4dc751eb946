import { memo, useEffect, useId, useRef } from 'react';
import { formatAgo, formatPercent, percentOf } from '../../shared/format.ts';
import { isOver } from '../../shared/views.ts';
import type { Progress, TransferView } from '../../shared/views.ts';
import { displayText } from '../../shared/display.ts';
import { useNow } from '../hooks/use-now.ts';
import { itemsShown, statusText } from '../phrases.ts';
import { progressIn } from '../state.ts';
import { useActions, usePage } from '../store.ts';
import { LaneBar } from './lane-bar.tsx';
import { TransferControls } from './transfer-controls.tsx';
import { TransferOutcome } from './transfer-outcome.tsx';
import { TransferSign } from './transfer-sign.tsx';

const SECOND_MS = 1_000;
const HALF_A_MINUTE_MS = 30_000;

interface Props {
  readonly transfer: TransferView;
  /** When anything last changed, in milliseconds since 1970. */
  readonly changed: number;
}

/** One transfer, from its first moment to its place in history. */
export const TransferRow = memo(function TransferRow({ transfer, changed }: Props) {
  const { state } = transfer;
  const over = isOver(state);
  const now = useNow(over ? HALF_A_MINUTE_MS : SECOND_MS);
  const title = useId();
  const row = useFocusOnRequest(transfer.id);
  const what = itemsShown(transfer.items, transfer.itemCount);
  const status = statusText(transfer, changed, now);
  const progress = progressIn(state);

  return (
    <li
      ref={row}
      className="transfer"
      data-state={state.kind}
      data-direction={transfer.direction}
      aria-labelledby={title}
      tabIndex={-1}
    >
      <TransferSign transfer={transfer} />
      <p className="transfer-title" id={title}>
        <strong>{what}</strong>{' '}
        <span className="transfer-peer">
          {transfer.direction === 'send' ? 'to' : 'from'} {displayText(transfer.device.name)}
        </span>
      </p>
      {!over && (
        <div className="transfer-side">
          {progress !== undefined && (
            <span className="transfer-percent">{formatPercent(...amounts(transfer, progress))}</span>
          )}
          <TransferControls transfer={transfer} titleId={title} />
        </div>
      )}
      {!over && <LaneBar label={`Progress of ${what}`} {...shownProgress(transfer, status)} />}
      <p className="transfer-status">
        {status}
        {over && <span className="transfer-when"> · {formatAgo(now - transfer.created)}</span>}
      </p>
      {state.kind === 'done' && <TransferOutcome transfer={transfer} outcome={state.outcome} />}
    </li>
  );
});

/** How much is done and of how much: by bytes, or by files where there are no bytes. */
function amounts(transfer: TransferView, progress: Progress): readonly [number, number] {
  return transfer.totalBytes > 0
    ? [progress.bytes, transfer.totalBytes]
    : [progress.files, Math.max(1, transfer.totalFiles)];
}

/** What the bar shows: unknown until something has moved. */
function shownProgress(transfer: TransferView, status: string): { percent: number | null; text: string } {
  const progress = progressIn(transfer.state);
  if (progress !== undefined) {
    const amount = amounts(transfer, progress);
    return { percent: percentOf(...amount), text: `${formatPercent(...amount)}, ${status}` };
  }
  return { percent: transfer.state.kind === 'finishing' ? 100 : null, text: status };
}

/** A ref for the row; takes the keyboard focus when the offer it came from was just answered. */
function useFocusOnRequest(id: TransferView['id']) {
  const wanted = usePage((state) => state.focusTransfer === id);
  const { focusTaken } = useActions();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!wanted) return;
    row.current?.focus();
    focusTaken();
  }, [wanted, focusTaken]);
  return row;
}
