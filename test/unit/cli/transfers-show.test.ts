import { describe, expect, it } from 'vitest';
import { transferIdSchema } from '../../../shared/views.ts';
import type { DetailPage } from '../../../shared/views.ts';
import { FakeEngine, OTHER_TRANSFER, OUTCOME, TRANSFER, transferView } from './fake-engine.ts';
import { run } from './fake-host.ts';

const PAGES: readonly DetailPage[] = [
  { details: [{ kind: 'skipped', path: 'a\u001b[2J', reason: 'vanished' }], next: 1 },
  { details: [{ kind: 'skipped', path: 'b', reason: 'changed' }], next: 2 },
  { details: [{ kind: 'renamed', from: 'nl\nx', to: 'nl_x' }], next: null },
];

/** A history with a transfer of which five things were left out and one renamed, and another one. */
function engine(): FakeEngine {
  const fake = new FakeEngine();
  fake.pages = PAGES;
  const outcome = { ...OUTCOME, renamed: [], renamedCount: 1 };
  const leftOut = { skipped: [], skippedCount: 5 };
  const view = transferView({ kind: 'incomplete', outcome, leftOut });
  fake.state = { ...fake.state, transfers: [view, { ...view, id: OTHER_TRANSFER }] };
  return fake;
}

describe('transfers show', () => {
  it('prints everything, written out, and how much more there is', async () => {
    const { exit, out } = await run(['transfers', 'show', TRANSFER.slice(0, 5).toUpperCase()], {
      engine: engine(),
    });
    expect(exit).toBe('done');
    expect(out.lines.slice(2)).toEqual([
      '5 items did not arrive:',
      '  a\\u{1b}[2J: was gone before it could be sent',
      '  b: changed while it was being sent',
      '1 item arrived under another name:',
      '  nl\\u{a}x as nl_x',
      'and 3 others that did not arrive',
    ]);
  });

  it('prints a line of JSON for each', async () => {
    const { out } = await run(['transfers', 'show', TRANSFER, '--json'], { engine: engine() });
    expect(out.events).toMatchObject([
      { event: 'transfer', transfer: TRANSFER, skippedCount: 5, renamedCount: 1 },
      { event: 'skipped', path: 'a\u001b[2J' },
      { event: 'skipped', path: 'b', reason: 'changed' },
      { event: 'renamed', from: 'nl\nx', to: 'nl_x' },
      { event: 'unlisted', skippedCount: 3, renamedCount: 0 },
    ]);
  });

  it.each([
    ['unknown-transfer', 'aaaa', [TRANSFER, OTHER_TRANSFER]],
    ['unknown-transfer', '', [TRANSFER, OTHER_TRANSFER]],
    ['transfer-ambiguous', '0123', [TRANSFER, '0123'.padEnd(32, '4')]],
  ])('says %s for “%s”', async (code, text, ids) => {
    const fake = engine();
    const transfers = fake.state.transfers.map((view, index) => ({
      ...view,
      id: transferIdSchema.parse(ids[index]),
    }));
    fake.state = { ...fake.state, transfers };
    const { exit, out } = await run(['transfers', 'show', text, '--json'], { engine: fake });
    expect(exit).toBe('usage');
    expect(out.events).toMatchObject([{ event: 'error', code }]);
  });
});
