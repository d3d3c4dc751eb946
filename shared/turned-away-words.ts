import { displayText } from './display.ts';
import { formatCount } from './format.ts';
import type { TurnedAwayCode, TurnedAwayView } from './views.ts';

/** What is said of offers that were turned away: the same words in the window and in the terminal. */

const REASONS: Readonly<Record<TurnedAwayCode, (name: string) => string>> = {
  'too-many-unfinished': (name) =>
    `Too many transfers from ${name} are unfinished here. Let some go on, or cancel some; then it can offer again.`,
  'offers-open': (name) =>
    `Earlier offers from ${name} are not answered yet. Once some are, it offers the rest by itself.`,
  busy: (name) =>
    `Other transfers from ${name} are under way. Once some are through, it offers the rest by itself.`,
  'too-fast': (name) => `${name} offers very much in a short time. What is left comes again by itself.`,
};

/** `3 offers from Bob were turned away. …` The device's name comes out escaped. */
export function turnedAwayText({ device, code, count }: TurnedAwayView): string {
  const name = displayText(device.name);
  const what = count === 1 ? 'An offer' : formatCount(count, 'offer');
  return `${what} from ${name} ${count === 1 ? 'was' : 'were'} turned away. ${REASONS[code](name)}`;
}
