import type { Command } from 'commander';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { ExitClass } from '../../../shared/errors.ts';
import type { Engine } from '../../engine/index.ts';
import { errorReport } from '../failure.ts';
import { Feed } from '../feed.ts';
import { PairingTalk, endOfPairing } from '../pairing-talk.ts';
import { readPastedInvite } from '../pasted-invite.ts';
import type { ErrorReport } from '../report.ts';
import type { Session } from '../session.ts';
import { yesOption } from './arguments.ts';
import { addExample } from './example.ts';
import { declineOffers } from './listening.ts';
import type { Perform } from './perform.ts';

interface Options {
  readonly yes?: boolean;
}

const STDIN = '-';

export function addPair(program: Command, perform: Perform): void {
  addExample(
    program
      .command('pair')
      .summary('pair with the device that made an invite')
      .description(
        'pair with the device that made an invite\n\nGive - to have it read from standard input, over several lines and with other text around it if need be. What stands on a command ' +
          'line can be seen by every user of this computer (ps) and stays in the history of the shell.',
      )
      .argument('<LINK-OR-TOKEN>', 'the invite, as a sealane:// link or as text, or -')
      .addOption(yesOption()),
    'pair -',
    'pair sealane://pair#…',
  ).action((invite: string, options: Options) => perform((session) => pair(session, invite, options)));
}

async function pair(session: Session, argument: string, { yes = false }: Options): Promise<ExitClass> {
  const { host, output } = session;
  const invite = argument === STDIN ? await readInvite(session) : argument;
  const engine = await session.open('server');
  declineOffers(engine);
  if (session.mustListen) await engine.listen();
  else await listenIfPossible(engine);
  const feed = new Feed(engine);
  const id = await engine.pair(invite);
  const talk = new PairingTalk(session, engine, id, { yes });
  output.remark('Connecting to the device that made the invite.');
  const end = await feed.until<'paired' | ErrorReport>(
    (event) => (event.type === 'pairing' && event.pairing.id === id ? talk.see(event.pairing) : undefined),
    {
      signal: host.signal,
      onInterrupt: () => {
        engine.cancelPairing(id);
        return undefined;
      },
      overdue: errorReport(new SealaneError('pairing-cancelled')),
    },
  );
  return endOfPairing(session, end);
}

/** So that the other device learns where this one will listen. One can pair without. */
async function listenIfPossible(engine: Engine): Promise<void> {
  try {
    await engine.listen();
  } catch (error) {
    if (asSealaneError(error).code !== 'listen-failed') throw error;
  }
}

async function readInvite({ host, output }: Session): Promise<string> {
  if (host.stdin.isTTY === true) output.remark('Paste the link or token of the invite and press Enter:');
  const onIncomplete = () => {
    output.remark('There is no whole invite in this yet. Paste the rest of it, or end with Ctrl-D.');
  };
  return await readPastedInvite(host.stdin, { signal: host.signal, onIncomplete });
}
