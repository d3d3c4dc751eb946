/**
 * Keeps the keyboard focus in the page. Where the element that has it is removed, hidden or disabled, the browser gives the focus to
 * `body`: the next Tab leads anywhere, and a screen reader says nothing. `keepFocus` gives it to a landing instead, an element with
 * `data-landing` and `tabIndex={-1}` (a heading, a row) that does nothing when a key is pressed: to the nearest before the element
 * that is gone, and where there is none, to the first one of the same dialog or of the page.
 *
 * Components mark their landings and do nothing else. One that knows a better place takes the focus there itself.
 */

const LANDING = '[data-landing]';
/** What lies above the page and gives the focus back by itself as it goes. */
const LAYER = '[role="dialog"], [role="alertdialog"], [role="menu"]';

/** How long a layer has for that, in milliseconds. Then the focus is nowhere, and the page takes it. */
const LAYER_MS = 100;

interface Held {
  readonly element: Element;
  /** The dialog or menu that it is in; null in the page itself. */
  readonly layer: Element | null;
  /** The landings before it in the document, nearest first. */
  readonly landings: readonly HTMLElement[];
}

function hold(element: Element): Held {
  const layer = element.closest(LAYER);
  const landings = [...(layer ?? document).querySelectorAll<HTMLElement>(LANDING)].filter(
    (landing) =>
      (layer !== null || landing.closest(LAYER) === null) &&
      (landing.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
  );
  return { element, layer, landings: landings.reverse() };
}

function canHaveFocus(element: Element): boolean {
  return element.isConnected && !element.matches(':disabled') && element.closest('[hidden]') === null;
}

function isNowhere(element: Element | null): boolean {
  return element === null || element === document.body || !canHaveFocus(element);
}

function landingFor({ layer, landings }: Held): HTMLElement | undefined {
  const scope = layer?.isConnected === true ? layer : document.querySelector('main');
  return landings.find(canHaveFocus) ?? scope?.querySelector<HTMLElement>(LANDING) ?? undefined;
}

/** Watches the focus in the document from now on; gives the function that ends it. */
export function keepFocus(): () => void {
  let held: Held | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const land = (lost: Held): void => {
    if (held === lost && isNowhere(document.activeElement)) landingFor(lost)?.focus({ preventScroll: true });
  };
  const look = (): void => {
    const lost = held;
    if (lost === undefined || canHaveFocus(lost.element) || !isNowhere(document.activeElement)) return;
    clearTimeout(timer);
    if (lost.layer === null) land(lost);
    else timer = setTimeout(land, LAYER_MS, lost);
  };

  const focused = ({ target }: FocusEvent): void => {
    held = target instanceof Element && target !== document.body ? hold(target) : undefined;
  };
  const blurred = ({ target }: FocusEvent): void => {
    // A removed element is told so too, and is still there meanwhile.
    queueMicrotask(() => {
      // The user has pressed on something that takes no focus: nothing is lost. A window that is left keeps its element.
      const isGivenUp = target instanceof Element && canHaveFocus(target);
      if (isGivenUp && held?.element === target && document.activeElement === document.body) held = undefined;
    });
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, {
    attributeFilter: ['disabled', 'hidden'],
    childList: true,
    subtree: true,
  });
  document.addEventListener('focusin', focused);
  document.addEventListener('focusout', blurred);
  if (document.activeElement !== null) held = hold(document.activeElement);

  return () => {
    clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener('focusin', focused);
    document.removeEventListener('focusout', blurred);
  };
}
