import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { SealaneCommand } from './sealane-command.ts';
import type { CommandOptions, Ended } from './sealane-command.ts';

export const DEVICES = ['desk', 'laptop'] as const;
export type DeviceName = (typeof DEVICES)[number];

/** A `receive` that can be reached. */
export interface Listening {
  readonly command: SealaneCommand;
  readonly port: number;
}

export interface TwoDevicesOptions {
  /** Where a device's profile is, if not in the common folder. */
  readonly profiles?: Partial<Readonly<Record<DeviceName, string>>>;
  /** For every command of this device, as far as a command is not given its own. */
  readonly commands?: Partial<Readonly<Record<DeviceName, CommandOptions>>>;
}

/** Two profiles and the real command working on them. What still runs is killed by `dispose`, and everything removed. */
export class TwoDevices {
  /** A folder of their own, for whatever a test needs. */
  readonly folder: string;
  readonly #options: TwoDevicesOptions;
  readonly #running = new Set<SealaneCommand>();
  readonly #ids = new Map<DeviceName, string>();

  private constructor(folder: string, options: TwoDevicesOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /** Two devices that do not know each other yet. */
  static async make(options: TwoDevicesOptions = {}): Promise<TwoDevices> {
    const devices = new TwoDevices(await mkdtemp(join(tmpdir(), 'sealane-two-')), options);
    for (const device of DEVICES) await devices.#giveToUser(device);
    return devices;
  }

  /** Pairs them, both users saying yes. */
  async pair(): Promise<void> {
    const invite = this.start('desk', ['invite', '--yes', '--listen', '127.0.0.1:0']);
    const { link } = await invite.event('invite');
    const pairing = this.start('laptop', ['pair', '-', '--yes']);
    pairing.child.stdin.end(`${z.string().parse(link)}\n`);
    for (const { code, stdout } of [await pairing.ended, await invite.ended]) {
      if (code !== 0) throw new Error(`pairing ended with ${String(code)}: ${stdout}`);
    }
  }

  profile(device: DeviceName): string {
    return this.#options.profiles?.[device] ?? join(this.folder, device);
  }

  start(device: DeviceName, args: readonly string[], options?: CommandOptions): SealaneCommand {
    const common = ['--profile', this.profile(device), '--json'];
    const command = new SealaneCommand([...args, ...common], options ?? this.#options.commands?.[device]);
    this.#running.add(command);
    void command.ended.then(() => this.#running.delete(command));
    return command;
  }

  /** Runs a command to its end. */
  async run(device: DeviceName, args: readonly string[], options?: CommandOptions): Promise<Ended> {
    const command = this.start(device, args, options);
    command.child.stdin.end();
    return await command.ended;
  }

  async id(device: DeviceName): Promise<string> {
    const known = this.#ids.get(device);
    if (known !== undefined) return known;
    const { events } = await this.run(device, ['id']);
    const id = z.string().parse(events[0]?.['id']);
    this.#ids.set(device, id);
    return id;
  }

  /** Starts to listen on a free port; every offer is accepted into `into`. Resolves once it can be reached. */
  async receive(device: DeviceName, into: string, options?: CommandOptions): Promise<Listening> {
    const args = ['receive', '--into', into, '--accept', 'always', '--listen', '127.0.0.1:0'];
    const command = this.start(device, args, options);
    const { port } = await command.event('ready');
    return { command, port: z.number().parse(port) };
  }

  /** Starts to send to the other device, dialling the loopback port `through` first. */
  async send(
    device: DeviceName,
    paths: readonly string[],
    through: number,
    options?: CommandOptions,
  ): Promise<SealaneCommand> {
    const other = await this.id(device === 'desk' ? 'laptop' : 'desk');
    return this.start(device, ['send', other, ...paths, '--to', `127.0.0.1:${String(through)}`], options);
  }

  /** Ends a command by SIGKILL; resolves once it is gone. */
  async kill(command: SealaneCommand): Promise<void> {
    command.child.kill('SIGKILL');
    await command.ended;
  }

  /** Kills what is running. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running].map((command) => this.kill(command)));
  }

  /** Where a device is another user's, its profile has to be, and the way there must be open. */
  async #giveToUser(device: DeviceName): Promise<void> {
    const uid = this.#options.commands?.[device]?.uid;
    if (uid === undefined) return;
    await chmod(this.folder, 0o755);
    await mkdir(this.profile(device), { mode: 0o700 });
    await chown(this.profile(device), uid, uid);
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
