import type { Command } from 'commander';
import type { Action } from '../session.ts';
import { transferReport } from '../report.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';

export function addTransfers(program: Command, perform: Perform): void {
  addExample(
    program.command('transfers').description('list what was sent and received, the newest first'),
    'transfers',
  ).action(() => perform(listTransfers));
}

const listTransfers: Action = async ({ output, open }) => {
  const { transfers } = (await open()).snapshot();
  for (const transfer of transfers) output.report(transferReport(transfer));
  if (transfers.length === 0) output.remark('Nothing was sent or received yet.');
  return 'done';
};
