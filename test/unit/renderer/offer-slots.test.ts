import { describe, expect, it } from 'vitest';
import { transferIdSchema } from '../../../shared/views.ts';
import type { TransferState, TransferView } from '../../../shared/views.ts';
import {
  NOTES_KEPT,
  NO_SLOTS,
  groupsOf,
  openOf,
  spreadOut,
  updateSlots,
  withoutNotes,
} from '../../../src-renderer/offer-slots.ts';
import type { OfferSlots } from '../../../src-renderer/offer-slots.ts';
import { OFFERED, digest } from '../../support/offered.ts';
import { deskId, outcome, running, transfer } from './fixtures.ts';

const idOf = (count: number) => transferIdSchema.parse(count.toString(16).padStart(32, '0'));
const view = (count: number, state: TransferState = OFFERED, created = count): TransferView =>
  transfer(state, { id: idOf(count), direction: 'receive', created });
const takenBack: TransferState = { kind: 'cancelled', by: 'peer' };

function after(...steps: readonly (readonly TransferView[])[]): OfferSlots {
  return steps.reduce(updateSlots, NO_SLOTS);
}

/** Each place: the transfer it was made for, and what became of it. */
const shown = ({ slots }: OfferSlots) =>
  slots.map(({ transfer: { id }, gone }) => [Number.parseInt(id, 16), gone] as const);

/** What is drawn: a number for each card or note, a list for each stack. */
const drawn = ({ slots }: OfferSlots) =>
  groupsOf(slots).map((group) =>
    group.kind === 'single'
      ? Number.parseInt(group.slot.transfer.id, 16)
      : group.slots.map(({ transfer: { id } }) => Number.parseInt(id, 16)),
  );

const three = [view(1), view(2), view(3)];

describe('the places of offers', () => {
  it('are in the order in which they came, the first ones by when they were made', () => {
    expect(shown(after([view(3), view(1), view(2)]))).toEqual([
      [1, null],
      [2, null],
      [3, null],
    ]);
  });

  it('are kept by notes, so that no card comes to where another one was', () => {
    expect(shown(after(three, [view(1, takenBack), view(2), view(3)]))).toEqual([
      [1, 'taken back'],
      [2, null],
      [3, null],
    ]);
  });

  it('are given to new ones below all others, also below notes, whatever the clock of whoever made them says', () => {
    const gone = [view(1, takenBack), view(2), view(3)];
    const slots = after(three, gone, [...gone, view(9, OFFERED, -5)]);
    expect(shown(slots).map(([id]) => id)).toEqual([1, 2, 3, 9]);
    const last = [view(1, takenBack), view(2, takenBack), view(3, takenBack)];
    expect(shown(after(three, last, [...last, view(4)]))).toEqual([
      [1, 'taken back'],
      [2, 'taken back'],
      [3, 'taken back'],
      [4, null],
    ]);
  });

  it('are not taken over by another offer under the same id', () => {
    const other = view(2, { kind: 'offered', offer: digest(7) });
    const slots = after(three, [view(1), other, view(3)]);
    expect(shown(slots)).toEqual([
      [1, null],
      [2, 'changed'],
      [3, null],
      [2, null],
    ]);
    expect(slots.slots.at(-1)?.offer).toBe(digest(7));
    expect(new Set(slots.slots.map(({ key }) => key)).size).toBe(4);
  });

  it('are new ones for an offer that was gone and is back', () => {
    const slots = after(three, [view(1, takenBack), view(2), view(3)], three);
    expect(shown(slots)).toEqual([
      [1, 'taken back'],
      [2, null],
      [3, null],
      [1, null],
    ]);
  });

  it.each([
    [takenBack, 'taken back'],
    [{ kind: 'cancelled', by: 'me' }, 'declined'],
    [{ kind: 'declined' }, 'declined'],
    [{ kind: 'failed', error: { code: 'connection-lost', message: 'Lost.' } }, 'lost'],
    [running(1), 'accepted'],
    [{ kind: 'finishing' }, 'accepted'],
    [{ kind: 'done', outcome }, 'accepted'],
  ] as const)('say what became of one that is now %j', (state, gone) => {
    expect(shown(after(three, [view(1, state), view(2), view(3)]))[0]).toEqual([1, gone]);
  });

  it('say so of one that is not heard of any more', () => {
    expect(shown(after(three, [view(2), view(3)]))[0]).toEqual([1, 'taken back']);
  });

  it('are left at once by this user’s own answer where no card is below it', () => {
    expect(shown(after(three, [view(1), view(2), view(3, { kind: 'declined' })]))).toEqual([
      [1, null],
      [2, null],
    ]);
    expect(shown(after([view(1)], [view(1, running(1))]))).toEqual([]);
  });

  it('are the very same object while nothing changes', () => {
    const before = after(three);
    expect(updateSlots(before, three)).toBe(before);
    expect(updateSlots(before, [...three, view(4, running(1))])).toBe(before);
    expect(withoutNotes(before)).toBe(before);
  });

  it('are cards for the first three of a device, and a stack for those after them', () => {
    const ann = { id: deskId, name: 'Ann' };
    const fromAnn = [6, 7, 8, 9].map((count) => ({ ...view(count), device: ann }));
    const many = [1, 2, 3, 4, 5].map((count) => view(count));
    expect(drawn(after([...many, ...fromAnn]))).toEqual([1, 2, 3, [4, 5], 6, 7, 8, [9]]);
    // One that is answered leaves its place; nothing moves up into it, and what comes goes below.
    const answered = [view(1, running(1)), ...many.slice(1)];
    expect(drawn(after(many, answered))).toEqual([1, 2, 3, [4, 5]]);
    expect(drawn(after(many, answered, [...answered, view(6)]))).toEqual([1, 2, 3, [4, 5, 6]]);
    // A stack that lies above others does not grow: they would move.
    const others = [...many, ...fromAnn];
    expect(drawn(after(others, [...others, view(10)]))).toEqual([1, 2, 3, [4, 5], 6, 7, 8, [9], [10]]);
    // Nor does one in which nothing is asked any more: its buttons would come back under a pointer that rests.
    const over = [...many.slice(0, 3), view(4, takenBack), view(5, takenBack)];
    expect(drawn(after(many, over, [...over, view(6)]))).toEqual([1, 2, 3, [4, 5], [6]]);
  });

  it('are cards of their own where a stack was spread out, and what comes after them is a stack again', () => {
    const many = [1, 2, 3, 4, 5].map((count) => view(count));
    const slots = after(many);
    const spread = spreadOut(
      slots,
      slots.slots.map(({ key }) => key),
    );
    expect(drawn(spread)).toEqual([1, 2, 3, 4, 5]);
    expect(drawn(updateSlots(spread, [...many, view(6)]))).toEqual([1, 2, 3, 4, 5, [6]]);
  });

  it('tell what a device offers and is not answered, with what was shown of each', () => {
    const changed = view(4, { kind: 'offered', offer: digest(7) });
    const { slots } = after(
      [1, 2, 3, 4].map((count) => view(count)),
      [view(1), view(2, takenBack), view(3), changed],
    );
    const open = openOf(slots, view(1).device.id);
    expect(open.map(({ transfer: { id }, offer }) => [Number.parseInt(id, 16), offer])).toEqual([
      [1, OFFERED.offer],
      [3, OFFERED.offer],
      [4, digest(7)],
    ]);
    expect(open.at(-1)?.key).toBeGreaterThan(
      Math.max(...after([1, 2, 3, 4].map((n) => view(n))).slots.map(({ key }) => key)),
    );
  });

  it('lose their notes when they are dismissed, one or all', () => {
    const slots = after(three, [view(1, takenBack), view(2, takenBack), view(3)]);
    const [first] = slots.slots;
    expect(shown(withoutNotes(slots, [first?.key ?? 0]))).toEqual([
      [2, 'taken back'],
      [3, null],
    ]);
    expect(shown(withoutNotes(slots))).toEqual([[3, null]]);
  });

  it('are few, however many are offered and taken back', () => {
    let slots = after([view(1)]);
    for (let count = 2; count < 400; count += 1) {
      slots = updateSlots(slots, [view(1), view(count)]);
      slots = updateSlots(slots, [view(1), view(count, takenBack)]);
      expect(slots.slots.length).toBeLessThanOrEqual(NOTES_KEPT + 2);
      expect(shown(slots)[0]).toEqual([1, null]);
    }
    // Also where there always is a card below, so that each note has kept one in its place.
    slots = after([view(1)]);
    for (let count = 2; count < 400; count += 1) {
      slots = updateSlots(slots, [view(count - 1), view(count)]);
      slots = updateSlots(slots, [view(count - 1, takenBack), view(count)]);
      expect(slots.slots.length).toBeLessThanOrEqual(NOTES_KEPT + 1);
      expect(shown(slots).at(-1)).toEqual([count, null]);
    }
  });

  it('are kept by notes however many there are of an afternoon', () => {
    let slots = after([view(1), view(2)]);
    for (let count = 3; count < 40; count += 1) {
      const before = slots.slots.findIndex(({ transfer: { id } }) => id === idOf(count - 1));
      slots = updateSlots(slots, [view(count - 2), view(count - 1), view(count)]);
      slots = updateSlots(slots, [view(count - 2, takenBack), view(count - 1), view(count)]);
      expect(slots.slots.findIndex(({ transfer: { id } }) => id === idOf(count - 1))).toBe(before);
    }
  });
});
