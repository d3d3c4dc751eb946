import type { Command } from 'commander';
import { SealaneError } from '../../../shared/errors.ts';
import type { ExitClass } from '../../../shared/errors.ts';
import { inviteIdSchema } from '../../../shared/views.ts';
import type { InviteView } from '../../../shared/views.ts';
import type { Engine } from '../../engine/index.ts';
import { inviteStateReport } from '../report.ts';
import type { Session } from '../session.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';

export function addInvites(program: Command, perform: Perform): void {
  const invites = program
    .command('invites')
    .summary('list the invites that can still be used, or revoke one')
    .description('list the invites that can still be used');
  addExample(invites, 'invites').action(() => perform(listInvites));
  addExample(
    invites
      .command('revoke')
      .description('withdraw an invite')
      .argument('<ID>', 'the id of the invite, as `sealane invites` shows it')
      // An id may begin with a dash.
      .allowUnknownOption(),
    'invites revoke hTq3bWm0zX9cV2nLk7RfYg',
  ).action((id: string) => perform((session) => revokeInvite(session, id)));
}

function outstanding(engine: Engine, now: number): readonly InviteView[] {
  return engine.snapshot().invites.filter(({ state, expires }) => state === 'open' && expires > now);
}

async function listInvites({ host, output, open }: Session): Promise<ExitClass> {
  const invites = outstanding(await open(), host.now());
  for (const invite of invites) output.report(inviteStateReport(invite));
  if (invites.length === 0)
    output.remark('There is no invite that could be used. Make one with: sealane invite');
  return 'done';
}

async function revokeInvite({ output, open }: Session, text: string): Promise<ExitClass> {
  const engine = await open();
  const id = inviteIdSchema.safeParse(text);
  if (!id.success) throw new SealaneError('unknown-invite');
  await engine.revokeInvite(id.data);
  const view = engine.snapshot().invites.find((invite) => invite.id === id.data);
  if (view !== undefined) output.report(inviteStateReport(view));
  return 'done';
}
