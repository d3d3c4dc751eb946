import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { z } from 'zod';
import { SealaneCommand } from '../support/sealane-command.ts';
import { hasEnded } from '../support/schedules/device.ts';
import { chooseSteps } from '../support/schedules/choose.ts';
import { playAll } from '../support/schedules/run.ts';
import { demandArrival } from '../support/schedules/truth.ts';
import { demand } from '../support/schedules/untruth.ts';
import { Template, World } from '../support/schedules/world.ts';
import { namesIn } from '../support/tree.ts';

/** The command is killed by SIGKILL before one after another of the calls by which it changes files of a transfer. */

let template: Template;
const commands = new Set<SealaneCommand>();
beforeAll(async () => {
  template = await Template.make();
});
afterEach(() => {
  for (const { child } of commands) child.kill('SIGKILL');
  commands.clear();
});
afterAll(() => template.dispose());

const preload = new URL('../support/schedules/strike-at.mjs', import.meta.url);

function start(args: readonly string[], strike: Readonly<Record<string, string>>): SealaneCommand {
  const url = new URL(preload);
  for (const [name, value] of Object.entries(strike)) url.searchParams.set(name, value);
  const command = new SealaneCommand([...args, '--json'], { preload: url });
  command.child.stdin.end();
  commands.add(command);
  return command;
}

type Strike = Readonly<Record<string, string>>;

/** The command receives, the sender is here: until the command is gone, or all is done. */
async function receiving(world: World, strike: Strike): Promise<void> {
  const { options } = world.receiver;
  const args = ['receive', '--profile', options.profile, '--into', world.into, '--accept', 'always'];
  const command = start([...args, '--listen', '127.0.0.1:0', '--once'], strike);
  const port = z.number().parse((await command.event('ready'))['port']);
  world.receiver.willBeAt(port);
  await world.send();
  await command.ended;
}

/** Likewise, with the command as the one that sends. */
async function sending(world: World, strike: Strike): Promise<void> {
  const { options } = world.sender;
  const to = `127.0.0.1:${String(world.receiver.port)}`;
  const command = start(
    ['send', world.receiver.id, world.source, '--to', to, '--profile', options.profile],
    strike,
  );
  await command.ended;
}

/** Starts the one that was killed again; who was sending sends the same again, unless it was told that it is done. */
async function startAgain(world: World, side: 'sender' | 'receiver'): Promise<void> {
  const device = world[side];
  await device.open();
  if (side === 'receiver') return;
  world.id = device.views.find(({ state }) => state.kind === 'done')?.id;
  if (world.id === undefined) await world.send();
}

/** Whether both have come to an end. A folder without a job is no transfer: one was killed before there was any. */
async function haveEnded({ sender, receiver }: World): Promise<boolean> {
  const devices = [sender, receiver];
  if (sender.views.length === 0 || !devices.every(({ views }) => views.every(hasEnded))) return false;
  const left = await Promise.all(devices.map(({ options }) => namesIn(join(options.profile, 'transfers'))));
  return !left.flat().some((name) => basename(name) === 'job.json');
}

const SIDES = { receiver: receiving, sender: sending };

describe(
  'a transfer whose process is killed at any step arrives when it is started again',
  { timeout: 600_000 },
  () => {
    it.each([
      ['receiver', 'main', 6],
      ['receiver', 'worker', 10],
      ['sender', 'main', 8],
      ['sender', 'worker', 2],
    ] as const)('the %s, in its %s thread', async (side, thread, budget) => {
      const other = side === 'sender' ? 'receiver' : 'sender';
      const dry = await World.make(template, [other]);
      const count = join(dry.folder, 'count');
      await SIDES[side](dry, { count });
      const steps = (await readFile(`${count}.${thread}`, 'utf8')).length;
      await dry.dispose();
      demand(steps > 0, 'there was nothing to kill it at');
      await playAll(
        `the ${side} is killed in its ${thread} thread`,
        { targets: chooseSteps(steps, budget), of: steps },
        async (at) => {
          const world = await World.make(template, [other]);
          return {
            world,
            run: async () => {
              await SIDES[side](world, { thread, at: String(at), signal: 'SIGKILL' });
              await startAgain(world, side);
            },
            isOver: () => haveEnded(world),
            judge: () => demandArrival(world),
          };
        },
      );
    });
  },
);
