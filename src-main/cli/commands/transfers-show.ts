import type { Command } from 'commander';
import type { ExitClass } from '../../../shared/errors.ts';
import { leftOutOf } from '../../../shared/views.ts';
import type { TransferDetail } from '../../../shared/views.ts';
import { leftOutTitle, renamedTitle } from '../../../shared/words.ts';
import { findTransfer } from '../find-transfer.ts';
import { detailReport, transferReport } from '../report.ts';
import type { Session } from '../session.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';

/** `sealane transfers show ID`, below `transfers`. */
export function addTransfersShow(transfers: Command, perform: Perform): void {
  addExample(
    transfers
      .command('show')
      .description('show all that was left out of a transfer, and all that arrived under another name')
      .argument('<ID>', 'its id, as `sealane transfers` shows it, or the start of it'),
    'transfers show 3f9a',
  ).action((text: string) => perform((session) => showTransfer(session, text)));
}

async function showTransfer({ output, open }: Session, text: string): Promise<ExitClass> {
  const engine = await open();
  const view = await findTransfer(engine, text);
  output.report(transferReport(view));
  const { state } = view;
  const left: Record<TransferDetail['kind'], number> = {
    skipped: leftOutOf(state)?.skippedCount ?? 0,
    renamed: 'outcome' in state ? state.outcome.renamedCount : 0,
  };
  const titles = { skipped: leftOutTitle(left.skipped), renamed: renamedTitle(left.renamed) };
  let last: TransferDetail['kind'] | undefined;
  for (let from: number | null = 0; from !== null;) {
    const { details, next } = await engine.transferDetails(view.id, from);
    for (const detail of details) {
      if (detail.kind !== last) output.remark(`${titles[detail.kind]}:`);
      last = detail.kind;
      left[detail.kind] -= 1;
      output.report(detailReport(view.id, detail));
    }
    from = next;
  }
  const [skippedCount, renamedCount] = [Math.max(0, left.skipped), Math.max(0, left.renamed)];
  if (skippedCount + renamedCount > 0)
    output.report({ event: 'unlisted', transfer: view.id, skippedCount, renamedCount });
  return 'done';
}
