import type { Command } from 'commander';
import { noticeText } from '../../../shared/words.ts';
import type { Action } from '../session.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';

export function addId(program: Command, perform: Perform): void {
  addExample(program.command('id').description('show the name and id of this device'), 'id').action(() =>
    perform(showId),
  );
}

const showId: Action = async ({ output, open }) => {
  const engine = await open();
  const { self, notices } = engine.snapshot();
  output.report({ event: 'id', id: self.id, name: self.name });
  // How the key is kept is told where one looks for who this device is, and not at every send.
  for (const notice of notices) if (notice.kind === 'key-in-file') output.remark(noticeText(notice));
  return 'done';
};
