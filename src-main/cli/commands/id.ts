import type { Command } from 'commander';
import type { ExitClass } from '../../../shared/errors.ts';
import { noticeText } from '../../../shared/words.ts';
import type { Session } from '../session.ts';
import { nameArgument } from './arguments.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';

interface Options {
  readonly name?: string;
}

export function addId(program: Command, perform: Perform): void {
  addExample(
    program
      .command('id')
      .summary('show the name and id of this device, or name it')
      .description(
        'show the name and id of this device\n\nDevices that are paired already hear a new name with the next connection, and ' +
          'show the old one beside it until that was seen.',
      )
      .option('--name <NAME>', 'call this device so (default: the name of the computer)', nameArgument),
    'id',
    'id --name "Living room"',
  ).action((options: Options) => perform((session) => showId(session, options)));
}

async function showId({ output, open }: Session, { name }: Options): Promise<ExitClass> {
  const engine = await open();
  if (name !== undefined) await engine.renameSelf(name);
  const { self, notices } = engine.snapshot();
  output.report({ event: 'id', id: self.id, name: self.name });
  // How the key is kept is told where one looks for who this device is, and not at every send.
  for (const notice of notices) if (notice.kind === 'key-in-file') output.remark(noticeText(notice));
  return 'done';
}
