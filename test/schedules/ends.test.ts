import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { z } from 'zod';
import { transferIdSchema } from '../../shared/views.ts';
import type { TransferId } from '../../shared/views.ts';
import { Wishes } from '../../src-main/engine/store/wishes.ts';
import { Proxy } from '../support/proxy.ts';
import { SealaneCommand } from '../support/sealane-command.ts';
import { chooseSteps } from '../support/schedules/choose.ts';
import { hasEnded, standing } from '../support/schedules/device.ts';
import { playAll } from '../support/schedules/run.ts';
import { demand } from '../support/schedules/untruth.ts';
import { Template, World } from '../support/schedules/world.ts';
import type { Side } from '../support/schedules/acts.ts';
import { noise } from '../support/tree.ts';

/**
 * A transfer is being ended, and one of the two processes, which is the real command, is killed by SIGKILL before one after another of
 * the calls by which it changes files or says something to the other. Afterwards both tell the same, and the same `send` arrives.
 */

/** More than all that lies between the two in buffers, so that what ends half way never arrives by itself. */
const FILE_BYTES = 32 * 1024 * 1024;
const HALF = FILE_BYTES / 2;

/** Steps of each ending that are tried, unless `SEALANE_SCHEDULES=all` asks for every one. */
const BUDGET = 10;

let template: Template;
const commands = new Set<SealaneCommand>();
const lines = new Set<Proxy>();
beforeAll(async () => {
  template = await Template.make();
  await writeFile(join(template.folder, 'Letters', 'long.bin'), noise(FILE_BYTES));
});
afterEach(async () => {
  for (const { child } of commands) child.kill('SIGKILL');
  commands.clear();
  await Promise.all([...lines].map((line) => line.close()));
  lines.clear();
});
afterAll(() => template.dispose());

type Strike = Readonly<Record<string, string>>;

const preload = new URL('../support/schedules/strike-at.mjs', import.meta.url);

/** The command of one side, which counts its calls from when there is a file called `now` in the world's folder. */
function start(world: World, side: Side, args: readonly string[], strike: Strike): SealaneCommand {
  const url = new URL(preload);
  const begins = { from: join(world.folder, 'now'), sockets: 'yes' };
  for (const [name, value] of Object.entries({ ...begins, ...strike })) url.searchParams.set(name, value);
  const { profile } = world[side].options;
  const command = new SealaneCommand([...args, '--profile', profile, '--json'], { preload: url });
  commands.add(command);
  return command;
}

/** Two devices of which one is a process of its own, and a line between them. */
interface Scene {
  readonly world: World;
  readonly command: SealaneCommand;
  readonly line: Proxy;
  readonly id: TransferId;
}

async function openLine(port: number): Promise<Proxy> {
  const line = await Proxy.open(port);
  lines.add(line);
  return line;
}

async function sendFromHere(world: World, port: number): Promise<TransferId> {
  const to = { host: '127.0.0.1', port };
  return await world.sender.engine.send({
    device: world.receiver.id,
    paths: [world.source],
    to,
    whenUnreachable: 'wait',
  });
}

/** The receiver is the command. */
async function receiving(world: World, strike: Strike, policy: string): Promise<Scene> {
  const args = ['receive', '--into', world.into, '--accept', policy, '--listen', '127.0.0.1:0'];
  const command = start(world, 'receiver', args, strike);
  const port = z.number().parse((await command.event('ready'))['port']);
  world.receiver.willBeAt(port);
  const line = await openLine(port);
  return { world, command, line, id: await sendFromHere(world, line.port) };
}

/** The sender is the command. */
async function sending(world: World, strike: Strike): Promise<Scene> {
  const line = await openLine(world.receiver.port);
  const to = `127.0.0.1:${String(line.port)}`;
  const command = start(world, 'sender', ['send', world.receiver.id, world.source, '--to', to], strike);
  const offer = await command.event('offer');
  return { world, command, line, id: transferIdSchema.parse(offer['transfer']) };
}

/** What is done from here on is counted. */
async function begin({ world }: Scene): Promise<void> {
  await writeFile(join(world.folder, 'now'), '');
}

/** Half of it is across, and nothing moves; what is `done` about it then comes before anything else does. */
async function halfWay(scene: Scene, act: (scene: Scene) => Promise<unknown>): Promise<void> {
  const { command, line } = scene;
  await Promise.race([line.reached(HALF), command.ended]);
  line.hold();
  await scene.world.quiet();
  await begin(scene);
  await act(scene);
  line.release();
}

/** Resolves when a side has noted that it gives something up, or its command is gone. */
async function untilGivenUp({ world, command }: Scene, side: Side): Promise<void> {
  const folder = join(world[side].options.profile, 'transfers');
  while (command.child.exitCode === null && command.child.signalCode === null) {
    if ((await readdir(folder)).some((name) => name.endsWith('.farewell'))) return;
    await delay(5);
  }
}

/** How a transfer is ended, with one side's command killed at some step of that, and in which of its threads there are steps. */
interface Ending {
  readonly what: string;
  readonly killed: Side;
  readonly threads: readonly ('main' | 'worker')[];
  readonly play: (world: World, strike: Strike) => Promise<Scene>;
  /** What the two may say of it in the end: the sender's word and the receiver's. */
  readonly stories: readonly string[];
}

const ARRIVED = 'done, done';
const BY_SENDER = 'cancelled by me, cancelled by peer';
const BY_RECEIVER = 'cancelled by peer, cancelled by me';

const ENDINGS: readonly Ending[] = [
  {
    what: 'the sender’s user cancels half way',
    killed: 'sender',
    threads: ['main'],
    play: async (world, strike) => {
      const scene = await sending(world, strike);
      await halfWay(scene, async () => {
        scene.command.child.kill('SIGINT');
        await untilGivenUp(scene, 'sender');
      });
      await scene.command.ended;
      return scene;
    },
    stories: [BY_SENDER, ARRIVED],
  },
  {
    what: 'the sender’s user cancels half way',
    killed: 'receiver',
    threads: ['main', 'worker'],
    play: async (world, strike) => {
      const scene = await receiving(world, strike, 'always');
      await halfWay(scene, () => world.sender.engine.cancelTransfer(scene.id));
      return scene;
    },
    stories: [BY_SENDER],
  },
  {
    what: 'the receiver’s user cancels half way',
    killed: 'receiver',
    threads: ['main', 'worker'],
    play: async (world, strike) => {
      const scene = await receiving(world, strike, 'always');
      await halfWay(scene, async () => {
        await new Wishes(join(world.receiver.options.profile, 'transfers')).put(scene.id, 'me');
        await untilGivenUp(scene, 'receiver');
      });
      return scene;
    },
    stories: [BY_RECEIVER, ARRIVED],
  },
  {
    what: 'the receiver’s user cancels half way',
    killed: 'sender',
    threads: ['main'],
    play: async (world, strike) => {
      const scene = await sending(world, strike);
      await halfWay(scene, () => world.receiver.engine.cancelTransfer(scene.id));
      await scene.command.ended;
      return scene;
    },
    stories: [BY_RECEIVER],
  },
  {
    what: 'all of it has arrived',
    killed: 'receiver',
    threads: ['main', 'worker'],
    play: async (world, strike) => {
      const finishes = world.sender.shows(({ state }) => state.kind === 'finishing');
      const scene = await receiving(world, strike, 'always');
      await Promise.race([finishes, scene.command.ended]);
      await begin(scene);
      return scene;
    },
    stories: [ARRIVED],
  },
  {
    what: 'all of it has arrived',
    killed: 'sender',
    threads: ['main'],
    play: async (world, strike) => {
      const finishes = world.receiver.shows(({ state }) => state.kind === 'finishing');
      const scene = await sending(world, strike);
      await Promise.race([finishes, scene.command.ended]);
      await begin(scene);
      await scene.command.ended;
      return scene;
    },
    stories: [ARRIVED],
  },
];

/** Resolves once the command is gone, or has said how the transfer has ended. */
async function untilEnded({ command }: Scene): Promise<void> {
  const ends = ['done', 'error'].map((name) => command.event(name).catch(() => undefined));
  await Promise.race([...ends, command.ended]);
  // What follows the end is a step of it, too.
  await Promise.race([delay(1_000), command.ended]);
}

/** Plays it with a strike, and starts both again. Gives the transfer that it is about. */
async function playAndStartAgain(
  world: World,
  { play, killed }: Ending,
  strike: Strike,
): Promise<TransferId> {
  const scene = await play(world, strike);
  if (killed === 'receiver') await untilEnded(scene);
  const { command, id } = scene;
  command.child.kill('SIGKILL');
  await command.ended;
  await world[killed].open();
  // What the sender has not lost by the kill goes on by itself.
  if (killed === 'receiver') await world.sender.shows((view) => view.id === id && hasEnded(view));
  if (standing(world.sender.view(id)) !== 'done') await world.send();
  return id;
}

describe(
  'whatever step of an ending a process is killed at, both tell the same',
  { timeout: 900_000 },
  () => {
    const cases = ENDINGS.flatMap((ending) =>
      ending.threads.map((thread) => [ending.killed, ending.what, thread, ending] as const),
    );
    it.each(cases)('the %s is killed when %s, in its %s thread', async (killed, what, thread, ending) => {
      const other = killed === 'sender' ? 'receiver' : 'sender';
      const dry = await World.make(template, [other]);
      const count = join(dry.folder, 'count');
      const scene = await ending.play(dry, { count });
      if (killed === 'receiver') await untilEnded(scene);
      scene.command.child.kill('SIGKILL');
      const steps = (await readFile(`${count}.${thread}`, 'utf8')).length;
      await dry.dispose();
      demand(steps > 0, 'there was nothing to kill it at');
      const targets = chooseSteps(steps, BUDGET);
      await playAll(
        `${what}, the ${killed} is killed in its ${thread} thread`,
        { targets, of: steps },
        async (at) => {
          const world = await World.make(template, [other]);
          let id: TransferId | undefined;
          return {
            world,
            run: async () => {
              id = await playAndStartAgain(world, ending, { thread, at: String(at), signal: 'SIGKILL' });
            },
            // What a kill leaves of a farewell that was being written is removed later: it may be another process's.
            isOver: () => world.isOver((name) => !name.endsWith('.farewell.new')),
            judge: async () => {
              if (id === undefined) throw new Error('it was never played');
              const story = `${standing(world.sender.view(id))}, ${standing(world.receiver.view(id))}`;
              demand(ending.stories.includes(story), `they say: ${story}`);
              const difference = await world.difference();
              demand(difference === undefined, `the same was sent again, and ${String(difference)}`);
            },
          };
        },
      );
    });
  },
);
