import { isHiddenName, isProgramName } from '../../shared/marks.ts';
import { offerDigestSchema } from '../../shared/views.ts';
import type { ItemView } from '../../shared/views.ts';

/** What an offer shows, for tests that have no offer of an engine. */

/** The digest that ends in `digit`: of one offer, and not of another. */
export function digest(digit: number) {
  return offerDigestSchema.parse(digit.toString(16).padStart(64, '0'));
}

export const OFFER = digest(0xa);

/** The state in which an answer is waited for. */
export const OFFERED = { kind: 'offered', offer: OFFER } as const;

/** A file of this name, marked as an engine would mark it. */
export function item(name: string, change: Partial<ItemView> = {}): ItemView {
  return { name, kind: 'file', hidden: isHiddenName(name), program: isProgramName(name), ...change };
}

export function items(...names: readonly string[]): ItemView[] {
  return names.map((name) => item(name));
}
