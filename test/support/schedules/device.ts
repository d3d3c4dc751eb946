import { createEngine } from '../../../src-main/engine/index.ts';
import type { Engine, EngineOptions } from '../../../src-main/engine/index.ts';
import { SealaneError } from '../../../shared/errors.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import { isOver } from '../../../shared/views.ts';
import type { EngineEvent, TransferId, TransferState, TransferView } from '../../../shared/views.ts';
import { acceptOffer, declineOffer } from '../engines.ts';
import { outside, within } from './gates.ts';
import { Keeper } from './keeper.ts';

/** What the user of a device answers to an offer, seen in this view; undefined: nothing. */
export type Answer = (view: TransferView) => 'accept' | 'decline' | undefined;

export interface DeviceOptions {
  readonly name: 'sender' | 'receiver';
  readonly id: DeviceId;
  readonly profile: string;
  readonly downloads: string;
}

/** A real engine on loopback, all of whose waits go through the gates of one keeper, and its user. */
export class Device {
  readonly options: DeviceOptions;
  readonly #keepers = [new Keeper()];
  /** How each offer is answered; a test changes it. */
  answer: Answer = () => undefined;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #views = new Map<TransferId, TransferView>();
  #hasAccepted = false;
  readonly #told: TransferState['kind'][] = [];
  #engine: Engine | undefined;
  #port = 0;
  #wasOpen = false;

  constructor(options: DeviceOptions) {
    this.options = options;
  }

  /** Starts, on the port of the last time. */
  async open(options: Partial<EngineOptions> = {}): Promise<void> {
    if (this.#wasOpen) this.#keepers.push(new Keeper());
    this.#wasOpen = true;
    const { profile, downloads, name } = this.options;
    await within(this.keeper, async () => {
      const listen = { host: '127.0.0.1', port: this.#port };
      const engine = await createEngine({ profile, downloads, name, listen, ...options });
      this.#engine = engine;
      for (const view of engine.snapshot().transfers) this.#views.set(view.id, view);
      engine.subscribe((event) => {
        outside(() => {
          this.#heard(event);
        });
      });
      this.#port = await engine.listen();
    });
  }

  /** That of the engine that is open, or was open last. */
  get keeper(): Keeper {
    const keeper = this.#keepers.at(-1);
    if (keeper === undefined) throw new Error('there always is one');
    return keeper;
  }

  /** That of the engine that was open first. */
  get firstKeeper(): Keeper {
    return this.#keepers[0] ?? this.keeper;
  }

  /** What closed engines have written after they had said that they were closed. */
  get late(): readonly string[] {
    return this.#keepers.flatMap(({ late }) => late);
  }

  /** Grows as long as one of its engines does something. */
  get moves(): number {
    return this.#keepers.reduce((sum, { moves }) => sum + moves, 0);
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error(`the ${this.options.name} is not open`);
    return this.#engine;
  }

  get isOpen(): boolean {
    return this.#engine !== undefined;
  }

  get port(): number {
    return this.#port;
  }

  /** Somebody else runs it now, on this port, and it will be there afterwards. */
  willBeAt(port: number): void {
    this.#port = port;
  }

  get id(): DeviceId {
    return this.options.id;
  }

  /** The newest view of a transfer, of this engine or the one before. */
  view(id: TransferId): TransferView | undefined {
    return this.#views.get(id);
  }

  get views(): readonly TransferView[] {
    return [...this.#views.values()];
  }

  /** The states of all transfers as they were told, each once in a row. */
  get told(): readonly TransferState['kind'][] {
    return this.#told;
  }

  /** A call of this device's user. */
  does<T>(call: (engine: Engine) => Promise<T>): Promise<T> {
    const { engine } = this;
    return within(this.keeper, () => call(engine));
  }

  /** As `does`, where the user comes too late or too early for it: gives whether it could be done. */
  async tries(call: (engine: Engine) => Promise<unknown>): Promise<boolean> {
    try {
      await this.does(call);
      return true;
    } catch (error) {
      if (error instanceof SealaneError && TOO_LATE.includes(error.code)) return false;
      throw error;
    }
  }

  /** The user's yes to what `view` shows: the one place in these tests where an offer is accepted. */
  async accepts(view: TransferView): Promise<boolean> {
    const isTaken = await this.tries((engine) => acceptOffer(engine, view));
    this.#hasAccepted ||= isTaken;
    return isTaken;
  }

  /** Whether a yes of this user's was taken: a no after that is a wish to be rid of what was accepted. */
  get hasAccepted(): boolean {
    return this.#hasAccepted;
  }

  /** The user's no to it. */
  declines(view: TransferView): Promise<boolean> {
    return this.tries((engine) => declineOffer(engine, view));
  }

  /** Resolves with the first view, told already or to come, that `isMeant`. */
  shows(isMeant: (view: TransferView) => boolean): Promise<TransferView> {
    return this.hears(
      (event) => (event.type === 'transfer' && isMeant(event.transfer) ? event.transfer : undefined),
      this.views.find(isMeant),
    );
  }

  /** Resolves with `known`, or with the first that `pick` finds in an event. */
  hears<T>(pick: (event: EngineEvent) => T | undefined, known?: T): Promise<T> {
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const listener = (event: EngineEvent) => {
        const found = pick(event);
        if (found === undefined) return;
        this.#listeners.delete(listener);
        resolve(found);
      };
      this.#listeners.add(listener);
    });
  }

  /** Closes the engine; from when that has resolved, writing is noted as late. Idempotent. */
  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine === undefined) return;
    const { keeper } = this;
    await within(keeper, () => engine.close());
    keeper.over();
  }

  #heard(event: EngineEvent): void {
    if (event.type === 'transfer') this.#learned(event.transfer);
    for (const listener of [...this.#listeners]) listener(event);
  }

  #learned(view: TransferView): void {
    const { kind } = view.state;
    this.#views.set(view.id, view);
    if (this.#told.at(-1) !== kind) this.#told.push(kind);
    if (view.direction !== 'receive' || kind !== 'offered') return;
    const answer = this.answer(view);
    if (answer === undefined) return;
    // A user is never as fast as the turn of the event loop in which the offer is shown.
    setImmediate(() => {
      if (this.isOpen) void (answer === 'accept' ? this.accepts(view) : this.declines(view));
    });
  }
}

/** Of commands that come when there is nothing to be commanded any more, or not yet. */
const TOO_LATE: readonly string[] = ['unknown-transfer', 'offer-changed', 'device-unknown', 'interrupted'];

/** How a transfer stands on a device, in a word. */
export function standing(view: TransferView | undefined): string {
  if (view === undefined) return 'nothing';
  const { state } = view;
  if (state.kind === 'cancelled') return `cancelled by ${state.by}`;
  if (state.kind === 'paused') return `paused by ${state.by}`;
  if (state.kind === 'failed' || state.kind === 'waiting') return `${state.kind} (${state.error.code})`;
  return state.kind;
}

export function hasEnded(view: TransferView | undefined): boolean {
  return view === undefined || isOver(view.state);
}
