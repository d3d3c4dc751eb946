import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../src-main/engine/index.ts';
import type { AcceptOptions, Engine, EngineOptions } from '../../src-main/engine/index.ts';
import { isOver } from '../../shared/views.ts';
import type { EngineEvent, PairingId, PairingView, TransferId, TransferView } from '../../shared/views.ts';
import { Proxy } from './proxy.ts';

/** Engines on loopback for one test file, each with a profile and a folder for what it receives; all gone after `dispose`. */
export class Bench {
  readonly #engines: Engine[] = [];
  readonly #lines: Proxy[] = [];
  #folder: string | undefined;

  /** A folder of this test's own. */
  async folder(name: string): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'sealane-test-'));
    return join(this.#folder, name);
  }

  /** An engine called `name` that listens on a free loopback port; what it receives lands in the folder `NAME-received`. */
  async engine(name: string, options: Partial<EngineOptions> = {}): Promise<Engine> {
    const engine = await createEngine({
      profile: await this.folder(`${name}-profile`),
      name,
      listen: { host: '127.0.0.1', port: 0 },
      downloads: await this.folder(`${name}-received`),
      ...options,
    });
    this.#engines.push(engine);
    await engine.listen();
    return engine;
  }

  /** Two engines that trust each other. */
  async pair(
    options: { readonly first?: Partial<EngineOptions>; readonly second?: Partial<EngineOptions> } = {},
  ): Promise<readonly [Engine, Engine]> {
    const first = await this.engine('first', options.first);
    const second = await this.engine('second', options.second);
    await pairEngines(first, second);
    return [first, second];
  }

  /** A line to an engine that a test can break. */
  async lineTo(engine: Engine): Promise<Proxy> {
    const line = await Proxy.open(engine.snapshot().port ?? 0);
    this.#lines.push(line);
    return line;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#engines.splice(0).map((engine) => engine.close()));
    await Promise.all(this.#lines.splice(0).map((line) => line.close()));
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}

/** Resolves with the first value that `pick` finds in the events from now on. */
export function eventOf<T>(engine: Engine, pick: (event: EngineEvent) => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const stop = engine.subscribe((event) => {
      const found = pick(event);
      if (found === undefined) return;
      stop();
      resolve(found);
    });
  });
}

type PairingKind = PairingView['state']['kind'];

/** Resolves with the next attempt at pairing that is in one of these states. */
export function pairingIn(
  engine: Engine,
  kinds: readonly PairingKind[],
  id?: PairingId,
): Promise<PairingView> {
  return eventOf(engine, (event) =>
    event.type === 'pairing' &&
    kinds.includes(event.pairing.state.kind) &&
    (id === undefined || event.pairing.id === id)
      ? event.pairing
      : undefined,
  );
}

/** Resolves with the view of a transfer (this one, or any) once it has ended. */
export function endOf(engine: Engine, id?: TransferId): Promise<TransferView> {
  return eventOf(engine, (event) =>
    event.type === 'transfer' &&
    isOver(event.transfer.state) &&
    (id === undefined || event.transfer.id === id)
      ? event.transfer
      : undefined,
  );
}

/** Resolves with the next offer (this one, or any) that waits for this engine's user. */
export function offerTo(engine: Engine, id?: TransferId): Promise<TransferView> {
  return transferIn(engine, ['offered'], id);
}

/** Resolves with the next offer that comes back because the folder of a yes could not be used. */
export function offeredAgain(engine: Engine): Promise<TransferView> {
  return eventOf(engine, (event) =>
    event.type === 'transfer' &&
    event.transfer.state.kind === 'offered' &&
    event.transfer.state.problem !== undefined
      ? event.transfer
      : undefined,
  );
}

/** Says yes to the offer that a view shows. */
export async function acceptOffer(
  engine: Engine,
  { id, state }: TransferView,
  options: AcceptOptions = {},
): Promise<void> {
  if (state.kind !== 'offered') throw new Error(`the view shows no offer, but ${state.kind}`);
  await engine.acceptTransfer(id, state.offer, options);
}

/** Says no to it. */
export async function declineOffer(engine: Engine, { id, state }: TransferView): Promise<void> {
  if (state.kind !== 'offered') throw new Error(`the view shows no offer, but ${state.kind}`);
  await engine.declineTransfer(id, state.offer);
}

/** Resolves with the view of a transfer (this one, or any that this engine receives) once it is in one of these states. */
export function transferIn(
  engine: Engine,
  kinds: readonly TransferView['state']['kind'][],
  id?: TransferId,
): Promise<TransferView> {
  return eventOf(engine, (event) => {
    if (event.type !== 'transfer' || !kinds.includes(event.transfer.state.kind)) return undefined;
    const isIt = id === undefined ? event.transfer.direction === 'receive' : event.transfer.id === id;
    return isIt ? event.transfer : undefined;
  });
}

/** Pairs two engines, both users saying yes. Resolves with the code both have shown. */
export async function pairEngines(
  inviter: Engine,
  invitee: Engine,
  options: { readonly lifetimeMs?: number } = {},
): Promise<string> {
  const codes: string[] = [];
  const shown = [inviter, invitee].map(async (engine) => {
    const view = await pairingIn(engine, ['comparing']);
    if (view.state.kind === 'comparing') codes.push(view.state.code);
    engine.answerPairing(view.id, true);
  });
  const paired = [inviter, invitee].map((engine) => pairingIn(engine, ['paired', 'failed']));
  const invite = await inviter.createInvite(options);
  await invitee.pair(invite.link);
  await Promise.all(shown);
  for (const { state } of await Promise.all(paired)) {
    if (state.kind !== 'paired') throw new Error(`pairing ended ${JSON.stringify(state)}`);
  }
  const [code, other] = codes;
  if (code === undefined || code !== other) throw new Error('the codes differ');
  return code;
}

/** Sends `paths` and accepts on the other side; dials the loopback port `through` first, if there is one. Resolves with both ends' last views. */
export async function sendAndAccept(
  sender: Engine,
  receiver: Engine,
  paths: readonly string[],
  through?: number,
): Promise<{ readonly sent: TransferView; readonly received: TransferView }> {
  const to = through === undefined ? {} : { to: { host: '127.0.0.1', port: through } };
  const id = await sender.send({ device: receiver.snapshot().self.id, paths, ...to });
  const receivedEnd = endOf(receiver, id);
  const sentEnd = endOf(sender, id);
  await acceptOffer(receiver, await offerTo(receiver, id));
  return { sent: await sentEnd, received: await receivedEnd };
}
