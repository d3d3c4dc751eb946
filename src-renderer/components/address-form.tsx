import { useId, useRef, useState } from 'react';

/** Longer than any host with a port. */
const MAX_CHARACTERS = 300;

interface Props {
  /** The device's name, escaped. */
  readonly name: string;
  /** Resolves with the sentence why it was not found there, or null. */
  readonly onLook: (address: string) => Promise<string | null>;
  readonly onClose: () => void;
}

/** Where a device is, for when it is not found where it was. Nothing is kept of what does not lead to it. */
export function AddressForm({ name, onLook, onClose }: Props) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const field = useId();
  const hint = useId();
  const problem = useId();
  const address = text.trim();

  const look = async (): Promise<void> => {
    if (address === '' || busy) return;
    setBusy(true);
    setError(null);
    const sentence = await onLook(address);
    setBusy(false);
    if (sentence === null) {
      onClose();
      return;
    }
    setError(sentence);
    input.current?.focus();
  };

  return (
    <form
      className="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <label htmlFor={field}>{`Address of ${name}`}</label>
      <input
        id={field}
        ref={(element) => {
          // Once, as it appears.
          if (input.current === null) element?.focus();
          input.current = element;
        }}
        className="text-field"
        value={text}
        maxLength={MAX_CHARACTERS}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={error !== null}
        aria-describedby={error === null ? hint : problem}
        onChange={(event) => {
          setText(event.target.value);
          setError(null);
        }}
      />
      <p id={hint} className="quiet">
        Such as 192.168.1.20:50391. On that device it stands below “Show id”.
      </p>
      <p id={problem} className="failure" role="alert">
        {error}
      </p>
      <div className="name-form-buttons">
        <button type="submit" className="button primary small" disabled={address === ''} aria-disabled={busy}>
          {busy ? 'Looking…' : 'Look there'}
        </button>
        <button type="button" className="button small" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
