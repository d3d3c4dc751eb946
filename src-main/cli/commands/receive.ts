import { Option } from 'commander';
import type { Command } from 'commander';
import type { ExitClass } from '../../../shared/errors.ts';
import { Feed } from '../feed.ts';
import { mountPointOf } from '../../mount-points.ts';
import { RECEIVE_POLICIES, Receiver } from '../receiver.ts';
import type { Folder, ReceivePolicy } from '../receiver.ts';
import type { Session } from '../session.ts';
import { absolutePath, checkDestination } from '../places.ts';
import { folderArgument } from './arguments.ts';
import { addExample } from './example.ts';
import { startListening } from './listening.ts';
import type { Perform } from './perform.ts';

interface Options {
  readonly into?: string;
  readonly accept?: ReceivePolicy;
  readonly once?: boolean;
}

export function addReceive(program: Command, perform: Perform): void {
  addExample(
    program
      .command('receive')
      .description('listen for what paired devices send, until Ctrl-C')
      .option(
        '--into <DIR>',
        'where everything goes (default: the folder set for the device, else Downloads/Sealane)',
        folderArgument,
      )
      .addOption(
        new Option('--accept <POLICY>', 'for all devices (default: what is set for the device)').choices(
          RECEIVE_POLICIES,
        ),
      )
      .option('--once', 'end after one transfer'),
    'receive --into ~/inbox --accept always --once',
  ).action((options: Options) => perform((session) => receive(session, options)));
}

async function receive(session: Session, { into, accept, once = false }: Options): Promise<ExitClass> {
  const { host, output } = session;
  const folder = into === undefined ? undefined : await destination(absolutePath(host, into));
  const engine = await session.open('receiver');
  const feed = new Feed(engine);
  const receiver = new Receiver(session, engine, {
    folder,
    accept,
    once,
  });
  await startListening(session, engine);
  if (!once) output.remark('Waiting for what paired devices send. Ctrl-C ends it.');
  return await feed.until<ExitClass>((event) => receiver.see(event), {
    signal: host.signal,
    onInterrupt: () => receiver.interrupt(),
    overdue: 'cancelled',
  });
}

/** A folder (absolute path) and the disk that it is on now, which may be gone when something arrives. Throws `destination-unusable`. */
async function destination(into: string): Promise<Folder> {
  const mountPoint = mountPointOf(into);
  await checkDestination(into);
  return { into, mountPoint };
}
