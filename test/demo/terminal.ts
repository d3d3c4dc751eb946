import { basename, join } from 'node:path';
import { displayText } from '../../shared/display.ts';
import { formatBytes, formatCount, formatElapsed } from '../../shared/format.ts';
import { progressLine } from '../../src-main/cli/progress-bar.ts';
import { Command } from './command.ts';
import type { CommandOptions } from './command.ts';
import { DemoError } from './demo-error.ts';
import type { Screen } from './screen.ts';
import { sentText } from './verdict.ts';
import type { Sent } from './verdict.ts';
import { RECEIVER, SENDER } from './workspace.ts';
import type { Workspace } from './workspace.ts';

export interface Delivery {
  readonly sent: Sent;
  /** Where it is now. */
  readonly target: string;
}

/** Pairs two devices and sends, all through the command `sealane` in processes of its own. Throws DemoError. */
export async function runInTerminal(
  workspace: Workspace,
  screen: Screen,
  signal: AbortSignal,
): Promise<Delivery> {
  const running: Command[] = [];
  const sealane = (who: string, args: readonly string[], more: Partial<CommandOptions> = {}): Command => {
    const command = new Command({ who, profile: workspace.profile(who), args, signal, ...more });
    running.push(command);
    return command;
  };
  try {
    const receiver = await pair(sealane, screen);
    return await send(sealane, workspace, screen, receiver);
  } finally {
    await Promise.all(running.map((command) => command.stop()));
  }
}

type Start = (who: string, args: readonly string[], more?: Partial<CommandOptions>) => Command;

/** Resolves with the id under which the sender knows the receiver. */
async function pair(sealane: Start, screen: Screen): Promise<string> {
  screen.step(`Pairing two devices, ${SENDER} and ${RECEIVER}`);
  const inviter = sealane(RECEIVER, ['invite', '--yes']);
  const { link, expires } = await inviter.next('invite');
  screen.say(
    `${RECEIVER} makes an invite, good once and for ${formatElapsed((expires - Date.now()) / 1000)}:`,
  );
  screen.say(`${link.slice(0, 44)}… (${formatCount(link.length, 'character')})`);
  const invitee = sealane(SENDER, ['pair', '-', '--yes'], { input: `${link}\n` });
  const [shown, seen] = await Promise.all([inviter.next('code'), invitee.next('code')]);
  screen.say(`${RECEIVER} shows the code ${shown.code}`);
  screen.say(`${SENDER} shows the code   ${seen.code}`);
  if (shown.code !== seen.code) throw new DemoError('The codes differ: somebody is in between.');
  const [atReceiver, atSender] = await Promise.all([inviter.next('paired'), invitee.next('paired')]);
  await Promise.all([inviter.done(), invitee.done()]);
  // Both are called like this computer; each gets a name of its own where the other lists it.
  const known = sealane(SENDER, ['devices', 'set', atSender.device.id, '--name', RECEIVER]);
  const knownBack = sealane(RECEIVER, ['devices', 'set', atReceiver.device.id, '--name', SENDER]);
  await Promise.all([known.done(), knownBack.done()]);
  screen.say('The same code on both: paired. From now on they know each other by their keys.');
  return atSender.device.id;
}

async function send(
  sealane: Start,
  { source, received }: Workspace,
  screen: Screen,
  receiver: string,
): Promise<Delivery> {
  screen.step(`Sending ${displayText(basename(source))} from ${SENDER} to ${RECEIVER}`);
  const listener = sealane(RECEIVER, ['receive', '--into', received, '--accept', 'always', '--once']);
  const { port } = await listener.next('ready');
  const sender = sealane(SENDER, ['send', receiver, source, '--to', `127.0.0.1:${String(port)}`], {
    onProgress: (progress) => {
      screen.progress(() => progressLine([progress], screen.columns));
    },
  });
  const offer = await sender.next('offer');
  screen.say(
    `${SENDER} offers ${formatCount(offer.files, 'file')}, ${formatBytes(offer.bytes)}; ${RECEIVER} accepts.`,
  );
  const [sent, arrived] = await Promise.all([sender.arrival(), listener.arrival()]);
  await Promise.all([sender.done(), listener.done()]);
  screen.say(`Sent: ${sentText(sent)}.`);
  const [name, ...more] = arrived.names;
  if (arrived.into === null || name === undefined || more.length > 0)
    throw new DemoError(`${RECEIVER} does not say where it is.`);
  return { sent, target: join(arrived.into, name) };
}
