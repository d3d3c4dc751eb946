import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useRef } from 'react';

interface Props {
  readonly children: string;
}

/** The title of a step. It takes the focus when the step appears, so that a screen reader says where one is now. */
export function StepTitle({ children }: Props) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <Dialog.Title ref={title} className="dialog-title" tabIndex={-1}>
      {children}
    </Dialog.Title>
  );
}
