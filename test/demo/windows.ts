import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { displayText } from '../../shared/display.ts';
import { formatCount } from '../../shared/format.ts';
import { Desktop } from '../support/desktop.ts';
import type { OnLook } from '../support/desktop.ts';
import { STEPS, travel } from '../support/journey.ts';
import type { Step } from '../support/journey.ts';
import { root } from '../tools/paths.mjs';
import { DemoError } from './demo-error.ts';
import type { Screen } from './screen.ts';
import { sentText } from './verdict.ts';
import type { Sent } from './verdict.ts';
import { RECEIVER, SENDER } from './workspace.ts';
import type { Workspace } from './workspace.ts';

const PICTURES = join(root, 'test-results', 'demo');

const TOLD: Readonly<Partial<Record<Step, string>>> = {
  choose: 'Both choose “Pair a device”.',
  invite: `${RECEIVER} shows an invite; its link is pasted on ${SENDER}.`,
  confirmed: `${SENDER} has said that the codes match; ${RECEIVER} has not yet.`,
  paired: 'Both have said yes: paired.',
  offer: `${RECEIVER} is asked whether to accept.`,
};

/** Pairs and sends through two desktop windows. Throws DemoError. */
export async function runInWindows(
  workspace: Workspace,
  screen: Screen,
  signal: AbortSignal,
): Promise<{ readonly sent: Sent; readonly target: string; readonly pictures: string }> {
  screen.step(`Opening two windows, ${SENDER} and ${RECEIVER}`);
  await rm(PICTURES, { recursive: true, force: true });
  const open: Desktop[] = [];
  // Whatever waits for a window that is closed fails at once.
  const interrupt = (): void => {
    for (const desktop of open) void desktop.close().catch(() => undefined);
  };
  signal.addEventListener('abort', interrupt);
  try {
    const sender = await launch(workspace, SENDER, 'light', join(workspace.profile(SENDER), 'Downloads'));
    open.push(sender);
    const receiver = await launch(workspace, RECEIVER, 'dark', workspace.received);
    open.push(receiver);
    signal.throwIfAborted();
    return { ...(await go(sender, receiver, workspace.source, screen)), pictures: PICTURES };
  } finally {
    signal.removeEventListener('abort', interrupt);
    await Promise.all(open.map((desktop) => desktop.close().catch(() => undefined)));
  }
}

async function launch(workspace: Workspace, name: string, scheme: 'light' | 'dark', downloads: string) {
  return await Desktop.launch({ name, profile: workspace.profile(name), downloads, scheme });
}

async function go(sender: Desktop, receiver: Desktop, source: string, screen: Screen) {
  const onStep = async (step: Step): Promise<void> => {
    if (step === 'choose') screen.step('Pairing them, by their own buttons');
    if (step === 'code') screen.say(`Both show the code ${await sender.code()}.`);
    if (step === 'offer')
      screen.step(`Sending ${displayText(basename(source))} from ${SENDER} to ${RECEIVER}`);
    const told = TOLD[step];
    if (told !== undefined) screen.say(told);
    const number = String(STEPS.indexOf(step) + 1).padStart(2, '0');
    await Promise.all([
      sender.picture(PICTURES, `${number}-${step}-sender`),
      receiver.picture(PICTURES, `${number}-${step}-receiver`),
    ]);
  };
  const onLook: OnLook = (percent, status) => {
    screen.progress(() => `${String(percent)}% · ${status}`);
  };
  const { outcome } = await travel({ sender, receiver, source, onStep, onLook });
  screen.say(`Sent: ${sentText(outcome.sender)}.`);
  const { into, names } = outcome.receiver;
  const [name] = names;
  if (into === null || name === undefined || names.length !== 1)
    throw new DemoError(`${RECEIVER} does not say where it is: ${formatCount(names.length, 'name')}.`);
  return { sent: outcome.sender, target: join(into, name) };
}
