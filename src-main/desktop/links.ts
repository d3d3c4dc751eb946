import { MAX_INVITE_CHARACTERS } from '../../shared/limits.ts';

/**
 * Links that the system hands to the app. Any web page can open one, so a link is only ever shown: it waits here until the page
 * can put it before the user, and pairing starts with the user's own click.
 */

// Some systems add a slash before the fragment when they pass a link on.
const SHAPE = /^sealane:\/\/pair\/?#([A-Za-z0-9_.-]+)$/i;

/** The link in its one writing, or undefined when the text does not have the shape of one. Says nothing about its content. */
export function normalizeLink(text: string): string | undefined {
  if (text.length > MAX_INVITE_CHARACTERS) return undefined;
  const token = SHAPE.exec(text)?.[1];
  return token === undefined ? undefined : `sealane://pair#${token}`;
}

/** The first link on a command line (Windows and Linux pass links as an argument), or undefined. */
export function findLink(argv: readonly string[]): string | undefined {
  for (const argument of argv) {
    const link = normalizeLink(argument);
    if (link !== undefined) return link;
  }
  return undefined;
}

export interface LinkInbox {
  /** Takes what the system opened the app with; what is no link is dropped. Only the newest waits. */
  receive(text: string | undefined): void;
  /** From now on the page can show links: it gets the one that waits, and those to come. */
  open(deliver: (link: string) => void): void;
  /** The page is gone or loading anew: links wait again. */
  close(): void;
}

export function createLinkInbox(): LinkInbox {
  let waiting: string | undefined;
  let deliverTo: ((link: string) => void) | undefined;

  function deliver(): void {
    if (waiting === undefined || deliverTo === undefined) return;
    const link = waiting;
    waiting = undefined;
    deliverTo(link);
  }

  return {
    receive(text) {
      const link = text === undefined ? undefined : normalizeLink(text);
      if (link === undefined) return;
      waiting = link;
      deliver();
    },
    open(to) {
      deliverTo = to;
      deliver();
    },
    close() {
      deliverTo = undefined;
    },
  };
}
