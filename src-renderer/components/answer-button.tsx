import type { ReactNode } from 'react';

interface Props {
  readonly isPrimary?: boolean;
  readonly busy?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

/**
 * Answers an offer, once it lies where it does for long enough to be meant. Not `disabled` while busy: a disabled button
 * loses the focus, which is still wanted on it when nothing was chosen in the end.
 */
export function AnswerButton({ isPrimary = false, busy, onClick, children }: Props) {
  return (
    <button
      type="button"
      className={isPrimary ? 'button primary' : 'button'}
      data-steady=""
      aria-disabled={busy}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
