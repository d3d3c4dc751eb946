import { CircleCheck, CircleX } from 'lucide-react';
import { displayText } from '../../shared/display.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { DeviceView, ErrorView, PairingView } from '../../shared/views.ts';
import { useActions } from '../store.ts';
import { StepTitle } from './step-title.tsx';

const QUESTION = 'Is this code the same on both screens?';
const WAITING = 'Waiting for the other device…';

interface Props {
  /** Undefined until the main process has said its first word about it. */
  readonly pairing: PairingView | undefined;
}

/** One attempt at pairing: connecting, comparing the code, and how it ended. */
export function PairAttempt({ pairing }: Props) {
  if (pairing === undefined) return <Connecting />;
  const { state } = pairing;
  switch (state.kind) {
    case 'connecting':
      return <Connecting />;
    case 'comparing':
    case 'confirmed':
      return (
        <CompareCode
          key={pairing.id}
          pairing={pairing}
          code={state.code}
          confirmed={state.kind === 'confirmed'}
        />
      );
    case 'paired':
      return <Paired device={state.device} knownAs={pairing.knownAs} />;
    case 'failed':
      return <Failed error={state.error} />;
    default:
      return unreachable(state);
  }
}

function CancelButton() {
  const { closePairing } = useActions();
  return (
    <button type="button" className="button" onClick={() => void closePairing()}>
      Cancel
    </button>
  );
}

function Connecting() {
  return (
    <>
      <StepTitle>Connecting…</StepTitle>
      <p className="dialog-text">Reaching the device that made the invite.</p>
      <div className="dialog-buttons">
        <CancelButton />
      </div>
    </>
  );
}

interface CodeProps {
  readonly pairing: PairingView;
  readonly code: string;
  /** Whether this side's user has said yes. */
  readonly confirmed: boolean;
}

/** The code to compare, before this side's answer and after it. It does not move in between. */
function CompareCode({ pairing, code, confirmed }: CodeProps) {
  const { answerPairing } = useActions();
  const peer = pairing.peerName === '' ? undefined : <strong>{displayText(pairing.peerName)}</strong>;
  return (
    <>
      <div className="either">
        {confirmed ? (
          <StepTitle key="confirmed">{WAITING}</StepTitle>
        ) : (
          <StepTitle key="asked">{QUESTION}</StepTitle>
        )}
        <span className="dialog-title" aria-hidden="true">
          {confirmed ? QUESTION : WAITING}
        </span>
      </div>
      <Code code={code} />
      <div className="either dialog-text">
        <p aria-hidden={confirmed}>
          {peer !== undefined && <>The other device calls itself {peer}. </>}
          The same code on both proves that nobody is in between.
        </p>
        <p aria-hidden={!confirmed}>Say yes on {peer ?? 'the other device'}, too, if it shows this code.</p>
      </div>
      {pairing.knownAs !== null && (
        <p className="dialog-text">
          You know this device already, as <strong>{displayText(pairing.knownAs)}</strong>. A yes adds no
          second one, and what you have set for it stays.
        </p>
      )}
      <div className="dialog-buttons">
        {confirmed ? (
          <CancelButton />
        ) : (
          <button
            type="button"
            className="button"
            data-steady=""
            onClick={() => void answerPairing(pairing.id, false)}
          >
            No, they differ
          </button>
        )}
        {/* It stays where it is: nothing else comes under the pointer that has just pressed it. */}
        <button
          type="button"
          className="button primary"
          data-steady=""
          disabled={confirmed}
          onClick={() => void answerPairing(pairing.id, true)}
        >
          Yes, they match
        </button>
      </div>
    </>
  );
}

/** The code, large; for screen readers digit by digit, as one would say it on the phone. */
function Code({ code }: { readonly code: string }) {
  return (
    <p className="code">
      <span aria-hidden="true" data-testid="pairing-code">
        {code}
      </span>
      <span className="visually-hidden">{(code.match(/\d/g) ?? []).join(' ')}</span>
    </p>
  );
}

interface PairedProps {
  readonly device: DeviceView;
  /** What it was called here before, where it was known. */
  readonly knownAs: string | null;
}

function Paired({ device, knownAs }: PairedProps) {
  const { closePairing } = useActions();
  return (
    <>
      <CircleCheck aria-hidden className="end-sign good" />
      <StepTitle>{`Paired with ${displayText(device.label)}`}</StepTitle>
      <p className="dialog-text">
        {knownAs === null
          ? 'From now on the two can send each other files.'
          : `You knew this device already, as ${displayText(knownAs)}. Nothing was added, and what you have set for it stays.`}
        {device.accept === 'ask' && ' You are asked each time before any of its files are received.'}
      </p>
      <div className="dialog-buttons">
        <button type="button" className="button primary" onClick={() => void closePairing()}>
          Done
        </button>
      </div>
    </>
  );
}

function Failed({ error }: { readonly error: ErrorView }) {
  const { tryAgain } = useActions();
  return (
    <>
      <CircleX aria-hidden className="end-sign bad" />
      <StepTitle>Not paired</StepTitle>
      <p className="dialog-text" role="alert">
        {error.message}
      </p>
      <div className="dialog-buttons">
        <button type="button" className="button primary" onClick={() => void tryAgain()}>
          Try again
        </button>
      </div>
    </>
  );
}
