import { cp, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DeviceId } from '../../../shared/device-id.ts';
import type { TransferId } from '../../../shared/views.ts';
import { openStore } from '../../../src-main/engine/store/store.ts';
import { Bench, pairEngines } from '../engines.ts';
import { compareTrees } from '../compare.ts';
import { noise } from '../tree.ts';
import { Device, hasEnded, standing } from './device.ts';
import { Untruth } from './untruth.ts';

/** Two profiles that trust each other and something to send, made once for a test file and copied for each schedule. */
export class Template {
  readonly folder: string;
  readonly ids: Readonly<Record<'sender' | 'receiver', DeviceId>>;

  private constructor(folder: string, ids: Template['ids']) {
    this.folder = folder;
    this.ids = ids;
  }

  static async make(): Promise<Template> {
    const folder = await mkdtemp(join(tmpdir(), 'sealane-schedules-'));
    const bench = new Bench();
    const [sender, receiver] = [
      await bench.engine('sender', { profile: join(folder, 'sender') }),
      await bench.engine('receiver', { profile: join(folder, 'receiver') }),
    ];
    await pairEngines(receiver, sender);
    const ids = { sender: sender.snapshot().self.id, receiver: receiver.snapshot().self.id };
    await bench.dispose();
    const source = join(folder, 'Letters');
    await mkdir(join(source, 'more/of them'), { recursive: true });
    // Three chunks, so that there is a middle.
    await writeFile(join(source, 'long.bin'), noise(2_500_000));
    await writeFile(join(source, 'short.txt'), 'Dear all\n');
    await writeFile(join(source, 'more/of them/nothing.txt'), '');
    await utimes(join(source, 'short.txt'), 981_173_106, 981_173_106);
    return new Template(folder, ids);
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Worker threads, which start by the hundred here, find themselves compiled. */
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('../../../node_modules/.cache/compiled', import.meta.url),
);
enableCompileCache(process.env['NODE_COMPILE_CACHE']);

let worlds = 0;

/** What was so when a device had forgotten the other one. */
export interface Forgotten {
  readonly side: 'sender' | 'receiver';
  /** How many calls it had made. */
  readonly calls: number;
  /** Whether everything was across before. */
  readonly wasAcross: boolean;
}

/** With no gate passed for so long, nobody does anything. */
const QUIET_MS = 25;

/** How long a device that is not held may take to put away what has ended, in ms: far more than it ever does. */
const TIDIES_MS = 15_000;

/** What a profile keeps of transfers. */
async function leftOf(profile: string): Promise<readonly string[]> {
  return await readdir(join(profile, 'transfers'), { recursive: true }).catch(() => []);
}

/** A sender and a receiver of their own, in one schedule. */
export class World {
  readonly folder: string;
  readonly source: string;
  /** Where what is received goes. */
  readonly into: string;
  readonly sender: Device;
  readonly receiver: Device;
  /** The transfer that this is about, once the sender knows it. */
  id: TransferId | undefined;
  /** What users have done that had an effect: `receiver cancels`. */
  readonly acted = new Set<string>();
  /** Who has closed the program. */
  readonly closed = new Set<'sender' | 'receiver'>();
  /** What was there when it was closed: names in its profile, and in the destination. */
  readonly left = new Map<'sender' | 'receiver', readonly string[]>();
  /** How it was when one had forgotten the other. */
  forgotten: Forgotten | undefined;

  private constructor(template: Template) {
    worlds += 1;
    this.folder = join(template.folder, `world-${String(worlds)}`);
    this.source = join(template.folder, 'Letters');
    this.into = join(this.folder, 'received');
    this.sender = this.#device('sender', template);
    this.receiver = this.#device('receiver', template);
  }

  /** These are open, and the receiver's user accepts each offer. */
  static async make(
    template: Template,
    open: readonly ('sender' | 'receiver')[] = ['sender', 'receiver'],
  ): Promise<World> {
    const world = new World(template);
    for (const name of ['sender', 'receiver'])
      await cp(join(template.folder, name), join(world.folder, name), { recursive: true });
    world.receiver.answer = () => 'accept';
    if (open.includes('receiver')) await world.receiver.open();
    if (open.includes('sender')) {
      await world.#tellSender();
      await world.sender.open();
    }
    return world;
  }

  /** The sender knows where the receiver is, as after an earlier transfer: it finds it when it has to start again. */
  async #tellSender(): Promise<void> {
    const { profile, name } = this.sender.options;
    const store = await openStore({ profile, defaultName: name, now: Date.now });
    const addresses = [{ host: '127.0.0.1', port: this.receiver.port }];
    await store.devices.change(this.receiver.id, { addresses });
    await store.close();
  }

  #device(name: 'sender' | 'receiver', { ids }: Template): Device {
    const downloads = name === 'receiver' ? this.into : join(this.folder, 'unused');
    return new Device({ name, id: ids[name], profile: join(this.folder, name), downloads });
  }

  other(device: Device): Device {
    return device === this.sender ? this.receiver : this.sender;
  }

  /** The sender's user sends, and has patience. */
  async send(): Promise<void> {
    const to = { host: '127.0.0.1', port: this.receiver.port };
    const device = this.receiver.id;
    const request = { device, paths: [this.source], to, whenUnreachable: 'wait' as const };
    await this.sender.tries(async (engine) => {
      this.id = await engine.send(request);
    });
  }

  /** Resolves when nobody has moved for a moment, or when the patience of `ms` is over. */
  async quiet(ms = Infinity): Promise<void> {
    const end = performance.now() + ms;
    for (let last = -1; performance.now() < end && this.moves !== last;) {
      last = this.moves;
      await delay(QUIET_MS);
    }
  }

  /** The transfer on a device; where it could not even begin, there is none. */
  view(device: Device) {
    return this.id === undefined ? undefined : device.view(this.id);
  }

  get moves(): number {
    return this.sender.moves + this.receiver.moves;
  }

  /** Whether there is a transfer, and it goes on only if a user does something, or one that is away comes back. */
  get stands(): boolean {
    const views = [...this.sender.views, ...this.receiver.views];
    const kinds = ['paused', ...(this.closed.size > 0 ? ['waiting'] : [])];
    return views.some(({ state }) => kinds.includes(state.kind)) && this.id !== undefined;
  }

  /**
   * Whether both have come to an end, and have put everything away. Throws, in a sentence, when they have ended and something of a
   * transfer stays in a profile that `counts`.
   */
  async isOver(counts: (name: string) => boolean = () => true): Promise<boolean> {
    const devices = [this.sender, this.receiver];
    if (!devices.every(({ views }) => views.every(hasEnded))) {
      this.#endedAt = undefined;
      return false;
    }
    this.#endedAt ??= performance.now();
    for (const { options } of devices) {
      const left = (await leftOf(options.profile)).filter(counts);
      if (left.length === 0) continue;
      if (performance.now() - this.#endedAt < TIDIES_MS) return false;
      throw new Untruth(`both have ended, and the ${options.name}'s profile keeps ${left.join(', ')}`);
    }
    return true;
  }
  #endedAt: number | undefined;

  /** How it stands, for whoever reads of a failure. */
  async describe(): Promise<string> {
    const lines = await Promise.all(
      [this.sender, this.receiver].map(async (device) => {
        const left = await leftOf(device.options.profile);
        const states = device.views.map((view) => standing(view)).join(', ') || 'nothing';
        const told = `told: ${device.told.join(' ')}`;
        const gates = `last gates: ${device.keeper.lastGates.join(', ')}`;
        return `  ${device.options.name}: ${states}; kept of transfers: ${left.join(' ') || 'nothing'}; ${told}\n    ${gates}`;
      }),
    );
    return lines.join('\n');
  }

  /** What lies in the destination, hidden or not. */
  async received(): Promise<readonly string[]> {
    return await readdir(this.into).catch(() => []);
  }

  /** What differs between what was sent and what is there, in a sentence; undefined when it is the same and nothing lies beside it. */
  async difference(): Promise<string | undefined> {
    const name = basename(this.source);
    const beside = (await this.received()).filter((each) => each !== name);
    if (beside.length > 0) return `beside it lies ${beside.join(', ')}`;
    const [first] = (await compareTrees(this.source, join(this.into, name))).differences;
    return first && `${first.path} ${first.what}`;
  }

  async dispose(): Promise<void> {
    this.receiver.answer = () => undefined;
    await Promise.all([this.sender.close(), this.receiver.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
