import { memo, useEffect, useId, useRef } from 'react';
import { displayText } from '../../shared/display.ts';
import { formatPercent, percentOf } from '../../shared/format.ts';
import { isOver } from '../../shared/views.ts';
import type { Progress, TransferView } from '../../shared/views.ts';
import { formatWhen } from '../../shared/when.ts';
import { namesOf } from '../../shared/words.ts';
import { useNow } from '../hooks/use-now.ts';
import { itemsShown, standingText, statusText } from '../phrases.ts';
import { hasBegun, shownTransfer } from '../standing.ts';
import type { Standing } from '../standing.ts';
import { useActions, usePage } from '../store.ts';
import { LaneBar } from './lane-bar.tsx';
import { PartialPlace } from './partial-place.tsx';
import { EndedControls, TransferControls } from './transfer-controls.tsx';
import { TransferOutcome } from './transfer-outcome.tsx';
import { TransferSign } from './transfer-sign.tsx';

const SECOND_MS = 1_000;
const HALF_A_MINUTE_MS = 30_000;

interface Props {
  readonly transfer: TransferView;
  /** When anything last changed, in milliseconds since 1970. */
  readonly changed: number;
  /** How far it had come when that was last heard of. */
  readonly standing: Standing | undefined;
}

/** One transfer, from its first moment to its place in history. */
export const TransferRow = memo(function TransferRow({ transfer, changed, standing }: Props) {
  const { transfer: shown, progress } = shownTransfer(transfer, standing);
  const { state } = shown;
  const over = isOver(state);
  const now = useNow(over ? HALF_A_MINUTE_MS : SECOND_MS);
  const title = useId();
  const row = useFocusOnRequest(transfer.id);
  const what = itemsShown(namesOf(transfer), transfer.itemCount);
  const status = statusText(shown, changed, now);

  return (
    <li
      ref={row}
      className="transfer"
      data-state={state.kind}
      data-direction={transfer.direction}
      aria-labelledby={title}
      tabIndex={-1}
      data-landing
    >
      <TransferSign transfer={shown} />
      <p className="transfer-title" id={title}>
        <strong>{what}</strong>{' '}
        <span className="transfer-peer">
          {transfer.direction === 'send' ? 'to' : 'from'} {displayText(transfer.device.name)}
        </span>
      </p>
      {over && (
        <div className="transfer-side">
          <EndedControls transfer={transfer} titleId={title} />
        </div>
      )}
      {!over && (
        <div className="transfer-side">
          {progress !== undefined && (state.kind === 'running' || hasBegun(progress)) && (
            <span className="transfer-percent">{formatPercent(...amounts(transfer, progress))}</span>
          )}
          <TransferControls transfer={shown} titleId={title} />
        </div>
      )}
      {!over && <LaneBar label={`Progress of ${what}`} {...shownProgress(shown, progress, status)} />}
      <p className="transfer-status">
        {status}
        {over && <span className="transfer-when"> · {formatWhen(transfer.created, now)}</span>}
      </p>
      {(state.kind === 'waiting' || state.kind === 'paused') && (
        <p className="transfer-standing">{standingText(transfer, state.progress)}</p>
      )}
      {transfer.direction === 'receive' && (state.kind === 'waiting' || state.kind === 'paused') && (
        <PartialPlace transfer={transfer} />
      )}
      {over && <TransferOutcome transfer={transfer} />}
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
function shownProgress(
  transfer: TransferView,
  progress: Progress | undefined,
  status: string,
): { percent: number | null; text: string } {
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
