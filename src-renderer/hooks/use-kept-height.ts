import { useLayoutEffect, useRef } from 'react';
import type { RefObject } from 'react';

/** A ref for what keeps the height that it had last while `isGrowing`: what lies below it does not move up when its content goes. */
export function useKeptHeight<Kind extends HTMLElement>(isGrowing: boolean): RefObject<Kind | null> {
  const place = useRef<Kind>(null);
  const height = useRef(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    if (isGrowing) height.current = element.getBoundingClientRect().height;
    else element.style.minHeight = `${String(height.current)}px`;
  });
  return place;
}
