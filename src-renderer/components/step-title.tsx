import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useRef } from 'react';

interface Props {
  readonly children: string;
}

/**
 * The title of a step. It takes the focus when the step takes the place of another, so that a screen reader says where one is
 * now. When the dialog opens, the dialog itself moves the focus here: it must first see where the focus is to go back to.
 */
export function StepTitle({ children }: Props) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const focused = document.activeElement;
    const isOpening =
      focused !== document.body && title.current?.closest('[role="dialog"]')?.contains(focused) === false;
    if (!isOpening) title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <Dialog.Title ref={title} className="dialog-title" tabIndex={-1} data-step-title data-landing>
      {children}
    </Dialog.Title>
  );
}
