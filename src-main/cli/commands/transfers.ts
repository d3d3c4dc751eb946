import type { Command } from 'commander';
import type { ExitClass } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import { Failure } from '../failure.ts';
import { findTransfer } from '../find-transfer.ts';
import type { Action, Session } from '../session.ts';
import { cancelledReport, transferReport } from '../report.ts';
import { absolutePath, checkDestination } from '../places.ts';
import { daysArgument, folderArgument } from './arguments.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';
import { addTransfersShow } from './transfers-show.ts';

const WHICH = 'its id, as `sealane transfers` shows it, or the start of it';

interface MoveOptions {
  readonly into: string;
}

interface ExpireOptions {
  readonly after?: number | 'never';
}

export function addTransfers(program: Command, perform: Perform): void {
  const transfers = program
    .command('transfers')
    .summary('list what was sent and received, or show, cancel or remove one')
    .description('list what was sent and received, the newest first');
  addExample(transfers, 'transfers').action(() => perform(listTransfers));
  addExample(
    transfers
      .command('cancel')
      .description('end an unfinished transfer, and remove what has arrived of it')
      .argument('<ID>', WHICH),
    'transfers cancel 3f9a',
  ).action((text: string) => perform((session) => cancelTransfer(session, text)));
  addExample(
    transfers
      .command('move')
      .description('receive an unfinished transfer into another folder, all of it anew')
      .argument('<ID>', WHICH)
      .requiredOption('--into <DIR>', 'where it goes from now on', folderArgument),
    'transfers move 3f9a --into ~/elsewhere',
  ).action((text: string, options: MoveOptions) =>
    perform((session) => moveTransfer(session, text, options)),
  );
  addExample(
    transfers
      .command('remove')
      .description('take a transfer that is over from the list; files stay where they are')
      .argument('<ID>', WHICH),
    'transfers remove 3f9a',
  ).action((text: string) => perform((session) => removeTransfer(session, text)));
  addExample(
    transfers
      .command('expire')
      .description('tell, or set, after how long an unfinished transfer is given up')
      .option('--after <DAYS>', 'so many days on which nothing happens to it (30d), or never', daysArgument),
    'transfers expire --after 60d',
  ).action((options: ExpireOptions) => perform((session) => setExpiry(session, options)));
  addTransfersShow(transfers, perform);
}

const listTransfers: Action = async ({ output, open }) => {
  const engine = await open();
  const transfers = await engine.allTransfers();
  for (const transfer of transfers)
    output.report(transferReport(transfer, await engine.partialData(transfer.id).catch(() => null)));
  if (transfers.length === 0) output.remark('Nothing was sent or received yet.');
  return 'done';
};

async function cancelTransfer({ output, open }: Session, text: string): Promise<ExitClass> {
  const engine = await open();
  const found = await findTransfer(engine, text);
  if (isOver(found.state))
    throw new Failure(
      'unknown-transfer',
      'This transfer is over. It can be taken from the list with: sealane transfers remove ID',
    );
  const ended = await engine.cancelUnfinished(found.id);
  const { state } = ended.transfer;
  // All of it had arrived before, or the other side was faster.
  if (state.kind === 'cancelled') output.report(cancelledReport(ended));
  else output.report(transferReport(ended.transfer, ended.leftover));
  return 'done';
}

async function moveTransfer(
  { host, output, open }: Session,
  text: string,
  { into: given }: MoveOptions,
): Promise<ExitClass> {
  const into = absolutePath(host, given);
  await checkDestination(into);
  const engine = await open();
  const { id, direction, state } = await findTransfer(engine, text);
  if (direction === 'send' || isOver(state))
    throw new Failure(
      'unknown-transfer',
      'Only what is being received, and not over, can go into another folder.',
    );
  const isClean = await engine.moveTransfer(id, into);
  output.report({ event: 'moved', transfer: id, into, isClean });
  return 'done';
}

async function removeTransfer({ output, open }: Session, text: string): Promise<ExitClass> {
  const engine = await open();
  const { id, state } = await findTransfer(engine, text);
  if (!isOver(state))
    throw new Failure(
      'transfer-unfinished',
      'This transfer is not over. Cancel it before it can be removed: sealane transfers cancel ID',
    );
  await engine.removeTransfer(id);
  output.report({ event: 'removed', transfer: id });
  return 'done';
}

async function setExpiry({ output, open }: Session, { after }: ExpireOptions): Promise<ExitClass> {
  const engine = await open();
  if (after !== undefined) await engine.setExpiry(after === 'never' ? null : after);
  output.report({ event: 'expiry', afterDays: engine.expiry() });
  return 'done';
}
