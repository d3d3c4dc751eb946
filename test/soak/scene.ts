import { join } from 'node:path';
import { EXIT_CODES } from '../../shared/errors.ts';
import type { Proxy } from '../support/proxy.ts';
import type { CliEvent, SealaneCommand } from '../support/sealane-command.ts';
import type { SmallDisk } from '../support/small-disk.ts';
import type { DeviceName, TwoDevices } from '../support/two-devices.ts';
import { SoakFailure } from './soak-failure.ts';
import type { SoakTree } from './tree.ts';

export interface SceneOptions {
  readonly devices: TwoDevices;
  readonly sender: DeviceName;
  readonly tree: SoakTree;
  readonly into: string;
  readonly proxy: Proxy;
  /** The disk that `into` is on, if it is one that can be filled. */
  readonly disk: SmallDisk | undefined;
}

const MOST_ASKED = 10;

/** How a command that was asked to end by SIGTERM ends while something is under way. */
const LEFT = { sender: 6, receiver: 0 };

/** Both ends of one transfer, each over as many processes as it takes. */
export class Scene {
  readonly tree: SoakTree;
  readonly proxy: Proxy;
  readonly disk: SmallDisk | undefined;
  readonly #options: SceneOptions;
  readonly #senders: SealaneCommand[] = [];
  readonly #receivers: SealaneCommand[] = [];
  #askedAgain = 0;
  /** Whether the bytes that cross are all seen by the proxy. */
  #isCounted = true;

  private constructor(options: SceneOptions) {
    this.#options = options;
    this.tree = options.tree;
    this.proxy = options.proxy;
    this.disk = options.disk;
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const scene = new Scene(options);
    await scene.startReceiver();
    await scene.startSender();
    return scene;
  }

  get isCounted(): boolean {
    return this.#isCounted;
  }

  get sender(): SealaneCommand {
    return last(this.#senders);
  }

  get receiver(): SealaneCommand {
    return last(this.#receivers);
  }

  /** What all processes of a side have said, in order. */
  events(side: 'sender' | 'receiver'): readonly CliEvent[] {
    return (side === 'sender' ? this.#senders : this.#receivers).flatMap(({ events }) => events);
  }

  /** Listens anew, on another port. */
  async startReceiver({ behindProxy = true } = {}): Promise<void> {
    const { devices, sender, into, proxy } = this.#options;
    const { command, port } = await devices.receive(sender === 'desk' ? 'laptop' : 'desk', into);
    this.#receivers.push(command);
    this.#isCounted &&= behindProxy;
    if (behindProxy) proxy.redirect(port);
  }

  /** Whether everything was looked at, and the receiver asked. */
  get isOffered(): boolean {
    return this.events('sender').some(({ event }) => event === 'offer');
  }

  /** Whether content has begun to flow. */
  get isAgreed(): boolean {
    return this.events('sender').some(({ event }) => event === 'progress');
  }

  /** The same of the process that is sending now. */
  get hasTalked(): boolean {
    return this.sender.events.some(({ event }) => event === 'progress');
  }

  /** Whether the sender knows that everything is across. One that was killed after that has nothing to send again. */
  get isSent(): boolean {
    return this.events('sender').some(({ event }) => event === 'done');
  }

  /** Sends the same things. */
  async startSender(): Promise<void> {
    const { devices, sender, tree, proxy } = this.#options;
    if (this.isSent) return;
    this.#senders.push(await devices.send(sender, tree.items, proxy.port));
  }

  /**
   * One that found nobody before anything was agreed ends with that, and its user asks again. False when it has ended in any other
   * way, or this happens all the time.
   */
  async startSenderUnlessAgreed(): Promise<boolean> {
    const { code } = await this.sender.ended;
    if (code !== EXIT_CODES.unreachable || this.isAgreed || this.#askedAgain === MOST_ASKED) return false;
    this.#askedAgain += 1;
    await this.startSender();
    return true;
  }

  async endSender(by: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await end(this.sender, by, LEFT.sender);
  }

  async endReceiver(by: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await end(this.receiver, by, LEFT.receiver);
  }

  /** Where an item must be in the end. */
  targetOf(item: string): string {
    return join(this.#options.into, item.slice(this.tree.root.length + 1));
  }
}

/** One that has ended by itself just before has ended well, or the transfer's end will tell. */
async function end(command: SealaneCommand, by: 'SIGKILL' | 'SIGTERM', expected: number): Promise<void> {
  const wasRunning = command.child.exitCode === null && command.child.signalCode === null;
  command.child.kill(by);
  const { code, events } = await command.ended;
  // One that has said nothing yet may not be listening to signals yet.
  const isRight = code === null ? by === 'SIGKILL' || events.length === 0 : code === expected || code === 0;
  if (wasRunning && by === 'SIGTERM' && !isRight)
    throw new SoakFailure('exit code', `${String(code)} after SIGTERM, ${JSON.stringify(events.at(-1))}`);
}

function last<T>(list: readonly T[]): T {
  const value = list.at(-1);
  if (value === undefined) throw new RangeError('nothing was started');
  return value;
}
