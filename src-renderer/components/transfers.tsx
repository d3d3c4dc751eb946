import { useMemo, useState } from 'react';
import { formatNumber } from '../../shared/format.ts';
import { isOver } from '../../shared/views.ts';
import { listedTransfers } from '../state.ts';
import { useActions, usePage } from '../store.ts';
import { TransferRow } from './transfer-row.tsx';

/** How many rows are drawn until more are asked for. */
const ROWS_SHOWN = 40;

/** What is on its way, and what was. */
export function Transfers() {
  const transfers = usePage((state) => state.transfers);
  const changed = usePage((state) => state.changed);
  const standing = usePage((state) => state.standing);
  const isPaired = usePage((state) => state.devices.length > 0);
  const { clearHistory } = useActions();
  const [showsAll, setShowsAll] = useState(false);
  const rows = useMemo(() => listedTransfers(transfers), [transfers]);

  if (rows.length === 0 && !isPaired) return null;
  const shown = showsAll ? rows : rows.slice(0, ROWS_SHOWN);
  const older = rows.length - shown.length;
  return (
    <section aria-labelledby="transfers-heading" className="transfers">
      <div className="section-head">
        <h2 id="transfers-heading" tabIndex={-1} data-landing>
          Transfers
        </h2>
        {rows.some(({ state }) => isOver(state)) && (
          <button
            type="button"
            className="text-button"
            data-steady=""
            onClick={() => {
              document.getElementById('transfers-heading')?.focus();
              void clearHistory();
            }}
          >
            Clear history
          </button>
        )}
      </div>
      {rows.length === 0 ? (
        <p className="quiet transfers-none">What you send and receive will show up here.</p>
      ) : (
        <ul className="transfer-list" aria-labelledby="transfers-heading">
          {shown.map((transfer) => (
            <TransferRow
              key={transfer.id}
              transfer={transfer}
              changed={changed[transfer.id] ?? transfer.created}
              standing={standing[transfer.id]}
            />
          ))}
        </ul>
      )}
      {older > 0 && (
        <button
          type="button"
          className="text-button"
          onClick={() => {
            setShowsAll(true);
          }}
        >
          Show {formatNumber(older)} older
        </button>
      )}
    </section>
  );
}
