import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { replySchema } from '../../../shared/ipc.ts';
import {
  newInviteSchema,
  pairingViewSchema,
  selfViewSchema,
  transferViewSchema,
} from '../../../shared/views.ts';
import { electronExecutable } from '../../tools/electron-runtime.mjs';
import { root } from '../../tools/paths.mjs';
import { Arrival } from '../arrival.ts';
import { BenchError } from '../bench-error.ts';
import { Side } from '../side.ts';
import { Watch } from '../watch.ts';
import type { Work } from '../works.ts';
import { LANE_NAMES } from './lane.ts';
import type { Lane, LaneContext, Run } from './lane.ts';

/** Two desktop apps as they are built, each in its own folder, driven by their pages' own bridge and nothing else. */

const APP = join(root, 'test', 'bench', 'programs', 'window');

/** How long the page's pictures are counted while nothing runs. */
const REST_MS = 1000;

const usableSchema = z.object({ event: z.literal('usable'), milliseconds: z.number() });
const replyLine = z.discriminatedUnion('event', [
  z.object({ event: z.literal('reply'), id: z.number(), value: z.unknown() }),
  z.object({ event: z.literal('failure'), id: z.number(), message: z.string() }),
]);
const snapshotSchema = z.object({ self: selfViewSchema });
const transferPush = z.object({ type: z.literal('transfer'), transfer: transferViewSchema });
const pairingPush = z.object({ type: z.literal('pairing'), pairing: pairingViewSchema });

/** A running app. */
export class Window {
  readonly side: Side;
  /** From the start of the process to a page that is drawn, in milliseconds. */
  usableAfterMs = 0;
  #lastId = 0;

  private constructor(side: Side) {
    this.side = side;
  }

  static async open(folder: string, name: string): Promise<Window> {
    const electron = await electronExecutable();
    await mkdir(join(folder, 'downloads'), { recursive: true });
    const window = new Window(
      new Side({
        command: [
          electron.path,
          ...electron.args,
          APP,
          `--user-data-dir=${join(folder, 'user-data')}`,
          `--sealane-downloads=${join(folder, 'downloads')}`,
          '--sealane-listen=127.0.0.1:0',
          `--sealane-name=${name}`,
          '--lang=en-US',
          // The two windows lie on top of each other; both are to be drawn as if they were seen.
          '--disable-backgrounding-occluded-windows',
          '--disable-renderer-backgrounding',
          '--disable-features=CalculateNativeWinOcclusion',
        ],
      }),
    );
    const usable = await window.#next(usableSchema, () => true);
    window.usableAfterMs = usable.milliseconds;
    return window;
  }

  /** Calls the page's bridge. Throws BenchError for an answer that is an error. */
  async call<Shape extends z.ZodType>(
    name: string,
    args: readonly unknown[],
    shape: Shape,
  ): Promise<z.infer<Shape>> {
    const reply = replySchema.parse(await this.order({ do: 'call', name, args }));
    if (!reply.ok) throw new BenchError(`${name}: ${reply.error.message}`);
    return shape.parse(reply.value ?? undefined);
  }

  /** From now on the system's dialog is answered with this path. */
  async choose(path: string): Promise<void> {
    await this.order({ do: 'choose', path });
  }

  async order(order: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.side.write(`${JSON.stringify({ id, ...order })}\n`);
    const reply = await this.#next(replyLine, (each) => each.id === id);
    if (reply.event === 'failure') throw new BenchError(reply.message);
    return reply.value;
  }

  /** The next attempt at pairing in this state. */
  async pairing(kind: 'comparing' | 'paired') {
    return (await this.#next(pairingPush, ({ pairing }) => pairing.state.kind === kind)).pairing;
  }

  /** Waits for the end of a transfer, whichever comes. Throws BenchError unless it is a good one. */
  async transferred(): Promise<void> {
    const { transfer } = await this.#next(transferPush, (push) =>
      ['done', 'failed', 'declined', 'cancelled', 'waiting'].includes(push.transfer.state.kind),
    );
    if (transfer.state.kind !== 'done') throw new BenchError(`a transfer ended as ${transfer.state.kind}`);
  }

  async close(): Promise<void> {
    this.side.write(`${JSON.stringify({ id: 0, do: 'quit' })}\n`);
    const late = setTimeout(() => {
      this.side.kill('SIGKILL');
    }, 10_000);
    await this.side.ended.catch(() => undefined);
    clearTimeout(late);
  }

  #next<Shape extends z.ZodType>(
    shape: Shape,
    isIt: (value: z.infer<Shape>) => boolean,
  ): Promise<z.infer<Shape>> {
    return this.side.line((line) => {
      if (!line.startsWith('{')) return undefined;
      const parsed = shape.safeParse(JSON.parse(line));
      return parsed.success && isIt(parsed.data) ? parsed.data : undefined;
    });
  }
}

export async function openWindowLane({ folder }: LaneContext): Promise<Lane> {
  const { version, kind } = await electronExecutable();
  const [sender, receiver] = [
    await Window.open(join(folder, 'sender'), 'Sender'),
    await Window.open(join(folder, 'receiver'), 'Receiver'),
  ];
  const device = await pair(receiver, sender);
  return {
    key: 'window',
    version: `${LANE_NAMES.window}: Electron ${version}${kind === 'official' ? '' : ', an unofficial build'}`,
    takes: () => true,
    run: (work, target) => run(sender, receiver, device, work, target),
    close: async () => {
      await Promise.all([sender.close(), receiver.close()]);
    },
  };
}

interface Devices {
  readonly sender: string;
  readonly receiver: string;
}

/** Pairs the two, and has the receiver accept without asking. */
async function pair(inviter: Window, invitee: Window): Promise<Devices> {
  const [receiver, sender] = [
    await inviter.call('snapshot', [], snapshotSchema),
    await invitee.call('snapshot', [], snapshotSchema),
  ];
  const { link } = await inviter.call('createInvite', [], newInviteSchema);
  await invitee.call('pair', [link], z.string());
  const comparing = [await inviter.pairing('comparing'), await invitee.pairing('comparing')];
  for (const [index, window] of [inviter, invitee].entries())
    await window.call('answerPairing', [comparing[index]?.id, true], z.undefined());
  await Promise.all([inviter.pairing('paired'), invitee.pairing('paired')]);
  await inviter.call('setDeviceAccept', [sender.self.id, 'always'], z.undefined());
  return { sender: sender.self.id, receiver: receiver.self.id };
}

async function run(
  sender: Window,
  receiver: Window,
  devices: Devices,
  work: Work,
  target: string,
): Promise<Run> {
  await receiver.choose(target);
  await receiver.call('chooseDeviceFolder', [devices.sender], z.boolean());
  await sender.choose(work.path);
  const windows = [sender, receiver];
  await sender.order({ do: 'countFrames' });
  await pause(REST_MS);
  const framesAtRest = z.number().parse(await sender.order({ do: 'countedFrames' }));
  const watches = windows.map((window) => new Watch(window.side.program() ?? 0, { isWrapped: false }));
  try {
    for (const watch of watches) watch.rest();
    // Counting asks for pictures that nobody needs: in one window, then.
    await sender.order({ do: 'countFrames' });
    for (const window of windows) await window.order({ do: 'measure' });
    const arrival = new Arrival(target);
    const begun = performance.now();
    await sender.call('chooseAndSend', [devices.receiver, work.isFolder ? 'folder' : 'files'], z.string());
    await Promise.all([sender.transferred(), receiver.transferred()]);
    const end = performance.now();
    const framesPerSecond = z.number().parse(await sender.order({ do: 'countedFrames' }));
    const loopDelayMs = {
      sender: z.number().parse(await sender.order({ do: 'measured' })),
      receiver: z.number().parse(await receiver.order({ do: 'measured' })),
    };
    const [sent, received] = watches.map((watch) => watch.stop());
    if (sent === undefined || received === undefined) throw new BenchError('a window is gone');
    return {
      seconds: (end - begun) / 1000,
      firstByteSeconds: (arrival.stop(end) - begun) / 1000,
      sender: sent,
      receiver: received,
      loopDelayMs,
      framesPerSecond,
      framesAtRest,
    };
  } finally {
    for (const watch of watches) watch.stop();
  }
}
