import { basename } from 'node:path';
import { itemsShown } from '../../src-renderer/phrases.ts';
import type { Desktop, OnLook, Watched } from './desktop.ts';
import { cameTo } from './ended.ts';
import type { CameTo } from './ended.ts';

/** The whole way of a file or folder from one window to another, by the controls of both pages: what the demo shows and a test checks. */

export const STEPS = [
  'start',
  'choose',
  'invite',
  'code',
  'confirmed',
  'paired',
  'devices',
  'offer',
  'running',
  'done',
] as const;
export type Step = (typeof STEPS)[number];

export interface JourneyOptions {
  readonly sender: Desktop;
  /** Also the one that shows the invite. */
  readonly receiver: Desktop;
  /** The file or folder to send. */
  readonly source: string;
  /** Both windows show this step until what is returned resolves; only a transfer that runs waits for nobody. */
  readonly onStep: (step: Step) => Promise<void>;
  /** Told what the sender's row shows. */
  readonly onLook?: OnLook;
}

export interface Journey {
  /** What each page has shown: the sender's code, the receiver's code. */
  readonly codes: readonly [string, string];
  readonly watched: { readonly sender: Watched; readonly receiver: Watched };
  readonly outcome: { readonly sender: CameTo; readonly receiver: CameTo };
}

/** How far a transfer has come when it is shown as running, in percent. */
const RUNNING_AT = 20;

/** Goes all the way. Throws when a step does not come; that codes are equal and bytes arrived is for the caller to check. */
export async function travel(options: JourneyOptions): Promise<Journey> {
  const { sender, receiver, onStep } = options;
  await onStep('start');
  const codes = await pair(options);
  if (codes[0] !== codes[1]) throw new Error(`the codes differ: ${codes.join(' and ')}`);
  const watched = await send(options);
  await onStep('done');
  const outcome = { sender: await outcomeOf(sender), receiver: await outcomeOf(receiver) };
  return { codes, watched, outcome };
}

async function pair({ sender, receiver, onStep }: JourneyOptions): Promise<readonly [string, string]> {
  await Promise.all([sender.button('Pair a device').click(), receiver.button('Pair a device').click()]);
  await onStep('choose');
  await receiver.button('Show an invite').click();
  const link = await receiver.page.getByLabel('Invite link', { exact: true }).inputValue();
  await sender.button('Enter an invite').click();
  await sender.page.getByLabel('Invite link or token').fill(link);
  await onStep('invite');
  await sender.button('Continue').click();
  const codes = await Promise.all([sender.code(), receiver.code()]);
  await onStep('code');
  await sender.confirmCode();
  await sender.heading('Waiting for the other device…').waitFor();
  await onStep('confirmed');
  await receiver.confirmCode();
  await sender.heading(`Paired with ${receiver.name}`).waitFor();
  await receiver.heading(`Paired with ${sender.name}`).waitFor();
  await onStep('paired');
  await sender.finishPairing(receiver.name);
  await receiver.finishPairing(sender.name);
  await onStep('devices');
  return codes;
}

async function send(options: JourneyOptions): Promise<Journey['watched']> {
  const { sender, receiver, source, onStep, onLook } = options;
  await sender.send(receiver.name, source);
  await receiver.offer(sender.name).waitFor();
  await onStep('offer');
  const what = itemsShown([basename(source)], 1);
  let showRunning = (): void => undefined;
  const running = new Promise<void>((resolve) => {
    showRunning = resolve;
  });
  const watchedSender = sender.watch(`${what} to ${receiver.name}`, (percent, status) => {
    onLook?.(percent, status);
    if (percent >= RUNNING_AT) showRunning();
  });
  await receiver.accept(sender.name);
  const watchedReceiver = receiver.watch(`${what} from ${sender.name}`);
  await Promise.race([running, watchedSender]);
  const [ofSender, ofReceiver] = await Promise.all([watchedSender, watchedReceiver, onStep('running')]);
  return { sender: ofSender, receiver: ofReceiver };
}

/** Of the newest transfer. */
async function outcomeOf(desktop: Desktop): Promise<CameTo> {
  const { transfers } = await desktop.snapshot();
  const [newest] = [...transfers].sort((a, b) => b.created - a.created);
  if (newest === undefined) throw new Error(`${desktop.name}: the transfer ended without a trace`);
  return cameTo(newest);
}
