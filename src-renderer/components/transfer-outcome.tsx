import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { displayText } from '../../shared/display.ts';
import { formatCount, formatNumber } from '../../shared/format.ts';
import { leftOutOf } from '../../shared/views.ts';
import type { LeftOut, Outcome, TransferView } from '../../shared/views.ts';
import { grownTitle, renamedText, renamedTitle, skipReasonText } from '../../shared/words.ts';
import { fewRenamesText } from '../phrases.ts';
import { useActions } from '../store.ts';
import { AllDetails } from './all-details.tsx';

interface Props {
  readonly transfer: TransferView;
}

/** What a transfer that is over left: where it is, and what did not make it. */
export function TransferOutcome({ transfer }: Props) {
  const { state } = transfer;
  const outcome = 'outcome' in state ? state.outcome : undefined;
  const leftOut = leftOutOf(state);
  const into = outcome?.into ?? null;
  const few = fewRenamesText(transfer);
  return (
    <>
      {into !== null && <Place transfer={transfer} into={into} />}
      {into === null && few !== undefined && <p className="transfer-place quiet">Arrived: {few}</p>}
      {outcome !== undefined && outcome.renamedCount > 0 && few === undefined && (
        <RenamedList outcome={outcome} />
      )}
      {leftOut !== undefined && <Skipped leftOut={leftOut} />}
      {hasMoreDetails(transfer) && <AllDetails transfer={transfer} />}
      {outcome !== undefined && outcome.resentCount > 0 && <Resent outcome={outcome} />}
      {outcome !== undefined && outcome.grownCount > 0 && <Grown outcome={outcome} />}
    </>
  );
}

/** Whether more was left out or renamed than the lists of a row hold. */
function hasMoreDetails({ state }: TransferView): boolean {
  const leftOut = leftOutOf(state);
  const isShort = leftOut !== undefined && leftOut.skipped.length < leftOut.skippedCount;
  return isShort || ('outcome' in state && state.outcome.renamed.length < state.outcome.renamedCount);
}

function Place({ transfer, into }: Props & { readonly into: string }) {
  const { showInFolder } = useActions();
  const few = fewRenamesText(transfer);
  return (
    <p className="transfer-place">
      <span className="quiet">
        {few === undefined ? 'In ' : `${few}, in `}
        <span className="path">{displayText(into)}</span>
      </span>
      <button type="button" className="text-button" onClick={() => void showInFolder(transfer.id)}>
        Show in folder
      </button>
    </p>
  );
}

function Skipped({ leftOut }: { readonly leftOut: LeftOut }) {
  const { skipped, skippedCount } = leftOut;
  return (
    <PathList
      className="skipped"
      title={`${formatCount(skippedCount, 'item')} not transferred`}
      more={skippedCount - skipped.length}
    >
      {skipped.map(({ path, reason }, index) => (
        <li key={index}>
          <span className="path">{displayText(path)}</span> {skipReasonText(reason)}
        </li>
      ))}
    </PathList>
  );
}

function RenamedList({ outcome }: { readonly outcome: Outcome }) {
  const { renamed, renamedCount } = outcome;
  return (
    <PathList className="renamed" title={renamedTitle(renamedCount)} more={renamedCount - renamed.length}>
      {renamed.map((each, index) => (
        <li key={index}>
          <span className="path">{renamedText(each)}</span>
        </li>
      ))}
    </PathList>
  );
}

function Resent({ outcome }: { readonly outcome: Outcome }) {
  const { resent, resentCount } = outcome;
  return (
    <PathList
      className="resent"
      title={`${formatCount(resentCount, 'file')} had changed meanwhile and went across once more`}
      more={resentCount - resent.length}
    >
      {resent.map((path, index) => (
        <li key={index}>
          <span className="path">{displayText(path)}</span>
        </li>
      ))}
    </PathList>
  );
}

function Grown({ outcome }: { readonly outcome: Outcome }) {
  const { grown, grownCount } = outcome;
  return (
    <PathList className="grown" title={grownTitle(grownCount)} more={grownCount - grown.length}>
      {grown.map((path, index) => (
        <li key={index}>
          <span className="path">{displayText(path)}</span>
        </li>
      ))}
    </PathList>
  );
}

interface PathListProps {
  readonly className: string;
  readonly title: string;
  /** How many are not listed. */
  readonly more: number;
  readonly children: ReactNode;
}

/** A count that opens to a list of files. */
function PathList({ className, title, more, children }: PathListProps) {
  const [shown, setShown] = useState(false);
  const panel = useId();
  return (
    <div className={`path-list ${className}`}>
      <button
        type="button"
        className="text-button"
        aria-expanded={shown}
        aria-controls={panel}
        onClick={() => {
          setShown(!shown);
        }}
      >
        <ChevronRight aria-hidden className="icon turns" />
        {title}
      </button>
      <ul id={panel} hidden={!shown}>
        {children}
        {more > 0 && <li>and {formatNumber(more)} more</li>}
      </ul>
    </div>
  );
}
