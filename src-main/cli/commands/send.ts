import { access, constants } from 'node:fs/promises';
import type { Command } from 'commander';
import { displayText } from '../../../shared/display.ts';
import { SealaneError } from '../../../shared/errors.ts';
import { skipReasonText } from '../../../shared/words.ts';
import type { ExitClass } from '../../../shared/errors.ts';
import type { HostPort } from '../../host-port.ts';
import { Failure, errorReport } from '../failure.ts';
import { Feed } from '../feed.ts';
import { otherAddressReport } from '../other-address.ts';
import { absolutePath } from '../places.ts';
import type { Session } from '../session.ts';
import { TransferTalk, isStanding } from '../transfer-talk.ts';
import { dialArgument } from './arguments.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';
import { isToBeLeft } from '../host.ts';
import type { Host } from '../host.ts';

interface Options {
  readonly to?: HostPort;
}

export function addSend(program: Command, perform: Perform): void {
  addExample(
    program
      .command('send')
      .description('send files and folders to a paired device')
      .argument('<DEVICE>', 'its name, its id or the start of its id')
      .argument('<PATH...>', 'files and folders')
      .option('--to <HOST:PORT>', 'where to reach it; an IPv6 address goes in brackets', dialArgument),
    'send laptop ~/Pictures/Holiday notes.txt',
    'send laptop report.pdf --to 192.168.1.20:7400',
  ).action((device: string, paths: string[], options: Options) =>
    perform((session) => send(session, device, paths, options)),
  );
}

async function send(
  session: Session,
  text: string,
  given: readonly string[],
  { to }: Options,
): Promise<ExitClass> {
  const { host, output } = session;
  const paths = await readablePaths(host, given);
  const engine = await session.open();
  if (session.mustListen) await engine.listen();
  const device = engine.findDevice(text).id;

  const feed = new Feed(engine);
  let id = await engine.send({ device, paths, ...(to === undefined ? {} : { to }) });
  let talk = new TransferTalk(output);
  let stands = false;
  const exit = await feed.until<ExitClass | 'overdue' | 'left'>(
    (event) => {
      if (event.type === 'other-address' && event.otherAddress.transfer === id)
        output.report(otherAddressReport(event.otherAddress));
      if (event.type !== 'transfer') return undefined;
      if (event.transfer.replaces === id) {
        output.remark('An earlier send of this had ended on the other side: it is sent anew.');
        id = event.transfer.id;
        talk = new TransferTalk(output);
      }
      if (event.transfer.id !== id) return undefined;
      stands = isStanding(event.transfer.state);
      return talk.see(event.transfer);
    },
    {
      signal: host.signal,
      onInterrupt: () => {
        if (stands || isToBeLeft(host.signal)) return 'left';
        // What comes of it comes as an event; that the transfer ended by itself just now is one as well.
        void engine.cancelTransfer(id).catch(() => undefined);
        return undefined;
      },
      overdue: 'overdue',
    },
  );
  if (exit !== 'overdue' && exit !== 'left') return exit;
  const error = exit === 'left' ? new Failure('cancelled', LEFT) : new SealaneError('cancelled');
  output.report(errorReport(error, id));
  return 'cancelled';
}

const LEFT = 'Ended before everything was across. The same send, given again, goes on where it was.';

/** Absolute paths of what was named; throws `source-missing`, with the path, when one is not there or may not be read. */
async function readablePaths(host: Pick<Host, 'cwd'>, given: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const text of given) {
    const path = absolutePath(host, text);
    try {
      if (text === '') throw new RangeError('an empty path is no path');
      await access(path, constants.R_OK);
    } catch (error) {
      const whether = given.length > 1 ? ' Nothing was sent, of the others neither.' : '';
      throw new Failure('source-missing', `“${displayText(text)}” ${whyMissing(text, error)}.${whether}`);
    }
    paths.push(path);
  }
  return paths;
}

/** What is wrong with a path that was named, to follow it. */
function whyMissing(text: string, error: unknown): string {
  // Node has put it in the place of what is no text.
  if (text.includes('\ufffd')) return skipReasonText('name-encoding');
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'ELOOP':
      return skipReasonText('link-loop');
    default:
      return 'cannot be read';
  }
}
