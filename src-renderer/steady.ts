/**
 * Keeps a click from landing on what has just moved under the pointer. A button with `data-steady`, or an
 * area of them, takes no pointer for a moment after it has appeared or moved, whatever the reason: another
 * row above it, a message, a smaller window. A person who presses it then has pressed what was there before.
 * The keyboard, which presses what has the focus and not what lies somewhere, is not held up.
 *
 * A window that comes up brings all of its buttons under the pointer at once. `keepSteady` holds every one of them
 * while the page is hidden and for the same moment after it is shown or focused, and `holdAll` does so when the
 * main process is about to show the window.
 *
 * It is the `data-unsteady` attribute, and `pointer-events: none` in controls.css, that turn the pointer
 * away. It is set in the same turn as the change that moved the button: no event comes in between.
 */

/**
 * For how long, in milliseconds: longer than it takes to see that something moved, and to stop a hand on its
 * way.
 */
export const UNSTEADY_MS = 600;

/** What moves by less is still under the pointer that was on it. CSS pixels. */
const TOLERANCE_PX = 8;

/**
 * An area with `data-steady="moves"` (a menu) may be used as soon as it appears, and takes its place within
 * this time. Milliseconds.
 */
const SETTLE_MS = 250;

/**
 * A scroll that begins so soon after the wheel was turned, a key pressed, or a finger moved is this user's
 * own. Milliseconds.
 */
const OWN_SCROLL_MS = 400;

const GUARDED = '[data-steady]';
const MARK = 'data-unsteady';

interface Place {
  left: number;
  top: number;
  readonly born: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export interface Steady {
  /** Turns the pointer away from every guarded element for a moment. */
  readonly holdAll: () => void;
  /** Ends the watch, and lets the pointer in everywhere. */
  readonly stop: () => void;
}

/** Watches everything in `root` from now on. */
export function keepSteady(root: HTMLElement): Steady {
  const places = new Map<Element, Place>();
  let lastScrolled = -Infinity;

  const hold = (element: Element, place: Place): void => {
    clearTimeout(place.timer);
    element.setAttribute(MARK, '');
    place.timer = setTimeout(() => {
      // What nobody sees stays held: the moment begins when it is shown.
      if (document.visibilityState === 'visible') element.removeAttribute(MARK);
    }, UNSTEADY_MS);
  };

  /** Looks where everything is now. What has moved is held, unless this user has moved it by scrolling. */
  const look = (isOwnScroll: boolean): void => {
    const now = performance.now();
    for (const element of places.keys()) {
      if (element.isConnected) continue;
      clearTimeout(places.get(element)?.timer);
      places.delete(element);
    }
    for (const element of root.querySelectorAll(GUARDED)) {
      const { left, top } = element.getBoundingClientRect();
      const usableAtOnce = element.getAttribute('data-steady') === 'moves';
      const place = places.get(element);
      if (place === undefined) {
        const added: Place = { left, top, born: now, timer: undefined };
        places.set(element, added);
        if (!usableAtOnce) hold(element, added);
        continue;
      }
      const hasMoved = Math.abs(place.left - left) > TOLERANCE_PX || Math.abs(place.top - top) > TOLERANCE_PX;
      if (!hasMoved) continue;
      place.left = left;
      place.top = top;
      const isSettling = usableAtOnce && now - place.born < SETTLE_MS;
      if (!isOwnScroll && !isSettling) hold(element, place);
    }
  };

  const holdAll = (): void => {
    look(false);
    for (const [element, place] of places) hold(element, place);
  };

  const observer = new MutationObserver((records) => {
    // What this sets itself moves nothing.
    if (records.some(({ attributeName }) => attributeName !== MARK)) look(false);
  });
  observer.observe(root, { attributes: true, characterData: true, childList: true, subtree: true });
  const resizes = new ResizeObserver(() => {
    look(false);
  });
  resizes.observe(root);
  const scrolls = (): void => {
    look(performance.now() - lastScrolled < OWN_SCROLL_MS);
  };
  const scrollsOwn = (event: Event): void => {
    // A pointer that is dragged may drag a scroll bar.
    if (event instanceof PointerEvent && event.buttons === 0) return;
    lastScrolled = performance.now();
  };
  const own = ['wheel', 'keydown', 'touchmove', 'pointerdown', 'pointermove'] as const;
  const options = { capture: true, passive: true };
  for (const name of own) window.addEventListener(name, scrollsOwn, options);
  window.addEventListener('scroll', scrolls, options);
  document.addEventListener('visibilitychange', holdAll);
  // Only the window's own: the focus of an element does not bubble up to it.
  window.addEventListener('focus', holdAll);
  look(false);

  const stop = (): void => {
    observer.disconnect();
    resizes.disconnect();
    for (const name of own) window.removeEventListener(name, scrollsOwn, options);
    window.removeEventListener('scroll', scrolls, options);
    document.removeEventListener('visibilitychange', holdAll);
    window.removeEventListener('focus', holdAll);
    for (const [element, { timer }] of places) {
      clearTimeout(timer);
      element.removeAttribute(MARK);
    }
  };
  return { holdAll, stop };
}
