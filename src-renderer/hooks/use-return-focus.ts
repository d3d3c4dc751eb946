import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

/** A ref for the button that opened something in place: it gets the focus back when `open` ends. */
export function useReturnFocus(open: boolean): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !open) button.current?.focus();
    wasOpen.current = open;
  }, [open]);
  return button;
}
