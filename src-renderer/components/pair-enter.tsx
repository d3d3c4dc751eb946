import { useEffect, useId, useRef, useState } from 'react';
import { useActions } from '../store.ts';
import { StepTitle } from './step-title.tsx';

interface Props {
  readonly text: string;
  /** Whether the text came with a link that was opened outside of the window. */
  readonly opened: boolean;
}

/** Takes an invite that the other device made. */
export function PairEnter({ text, opened }: Props) {
  const { submitInvite, typeInvite, backToChoice } = useActions();
  const [invite, setInvite] = useState(text);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const field = useId();
  const problem = useId();

  useEffect(() => {
    // A link from outside is to be read about first; an empty field is to be filled.
    if (!opened) input.current?.focus();
  }, [opened]);

  const submit = async (): Promise<void> => {
    if (busy || invite.trim() === '') return;
    setBusy(true);
    setError(null);
    const sentence = await submitInvite(invite.trim());
    setBusy(false);
    setError(sentence);
    if (sentence !== null) input.current?.focus();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <StepTitle>Enter an invite</StepTitle>
      <p className="dialog-text">
        {opened
          ? 'A link was opened with Sealane. Continue only if it comes from a device that you want to pair with this one.'
          : 'On the other device, choose “Pair a device” and “Show an invite”. Then paste its link here.'}
      </p>
      <label htmlFor={field}>Invite link or token</label>
      <textarea
        ref={input}
        id={field}
        className="text-field link-field"
        rows={4}
        value={invite}
        maxLength={8192}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : problem}
        onChange={(event) => {
          typeInvite();
          setInvite(event.target.value);
          setError(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          void submit();
        }}
      />
      <p id={problem} className="failure field-problem" role="alert">
        {error}
      </p>
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={() => void backToChoice()}>
          Back
        </button>
        <button
          type="submit"
          className="button primary"
          data-steady=""
          disabled={invite.trim() === ''}
          aria-disabled={busy}
        >
          {busy ? 'Connecting…' : 'Continue'}
        </button>
      </div>
    </form>
  );
}
