import { useId, useState } from 'react';
import { MAX_DEVICE_NAME_CHARACTERS } from '../../shared/limits.ts';

interface Props {
  readonly label: string;
  readonly name: string;
  /** Resolves with whether the name was taken; the form stays open when it was not. */
  readonly onSave: (name: string) => Promise<boolean>;
  readonly onClose: () => void;
}

/** Renames something in place: Enter saves, Escape leaves it as it was. */
export function NameForm({ label, name, onSave, onClose }: Props) {
  const [text, setText] = useState(name);
  const [busy, setBusy] = useState(false);
  const field = useId();
  const wanted = text.trim();

  const save = async (): Promise<void> => {
    if (wanted === '' || busy) return;
    if (wanted === name) {
      onClose();
      return;
    }
    setBusy(true);
    const saved = await onSave(wanted);
    setBusy(false);
    if (saved) onClose();
  };

  return (
    <form
      className="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <label htmlFor={field}>{label}</label>
      <input
        id={field}
        className="text-field"
        value={text}
        maxLength={MAX_DEVICE_NAME_CHARACTERS}
        autoComplete="off"
        spellCheck={false}
        ref={focusAndSelect}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <div className="name-form-buttons">
        <button type="submit" className="button primary small" disabled={wanted === ''}>
          Save
        </button>
        <button type="button" className="button small" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function focusAndSelect(element: HTMLInputElement | null): void {
  element?.focus();
  element?.select();
}
