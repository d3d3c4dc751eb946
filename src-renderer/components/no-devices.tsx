import { Plus } from 'lucide-react';
import { useActions } from '../store.ts';

/** The first thing a new user sees: what to do, in two steps, and one button. */
export function NoDevices() {
  const { openPairing } = useActions();
  return (
    <section aria-labelledby="devices-heading" className="no-devices">
      <Crossing />
      <h2 id="devices-heading" tabIndex={-1} data-landing>
        Send files straight to your other computer
      </h2>
      <p className="lead">Nothing is paired with this device yet. It takes a minute, once:</p>
      <ol className="steps">
        <li>Open Sealane on your other computer, too.</li>
        <li>
          Pair the two: one shows an invite, the other enters it, and you check that both show the same code.
        </li>
      </ol>
      <button type="button" className="button primary large" onClick={openPairing}>
        <Plus aria-hidden className="icon" />
        Pair a device
      </button>
    </section>
  );
}

/** Two shores and a lane between them. */
function Crossing() {
  return (
    <svg className="crossing" viewBox="0 0 280 84" aria-hidden="true" focusable="false">
      <path className="crossing-lane" d="M64 58 C 122 84, 158 8, 216 30" />
      <g className="crossing-hull">
        <rect x="8" y="34" width="52" height="34" rx="4" />
        <path d="M2 73h64" />
        <rect x="220" y="12" width="52" height="34" rx="4" />
        <path d="M214 51h64" />
      </g>
      <path className="crossing-boat" d="M128 47h24l-5 8h-14zM138 44V26l11 18zM135 44h-8l8-12z" />
    </svg>
  );
}
