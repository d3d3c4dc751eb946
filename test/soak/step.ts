import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Proxy } from '../support/proxy.ts';
import type { SmallDisk } from '../support/small-disk.ts';
import { DEVICES } from '../support/two-devices.ts';
import type { DeviceName, TwoDevices } from '../support/two-devices.ts';
import { Watch, checkLeftovers, compareAll } from './checks.ts';
import { inject, planFaults } from './faults.ts';
import type { Fault, Moment } from './faults.ts';
import { Random } from './random.ts';
import { Scene } from './scene.ts';
import { SoakFailure } from './soak-failure.ts';
import { SoakTree, TREE_KINDS } from './tree.ts';
import type { TreeKind } from './tree.ts';

export interface StepOptions {
  readonly seed: number;
  readonly step: number;
  readonly devices: TwoDevices;
  /** One that may be filled; undefined where none can be made. */
  readonly disk: SmallDisk | undefined;
  readonly signal: AbortSignal;
}

export interface StepResult {
  readonly step: number;
  readonly sender: DeviceName;
  readonly kind: TreeKind;
  readonly files: number;
  readonly bytes: number;
  /** What was done, in order. */
  readonly faults: readonly Fault[];
  /** Bytes that crossed more than once; null where the line did not see all, or files changed. */
  readonly twice: number | null;
  readonly seconds: number;
  readonly failure: SoakFailure | undefined;
}

const MIB = 1024 * 1024;
const MOST_BYTES = 192 * MIB;
/** On the disk that is filled, which has to hold it and what the receiver keeps free. */
const MOST_BYTES_ON_DISK = 64 * MIB;

/** Neither a byte nor a word from either side for so long: it hangs. The longest wait of a transfer is 20 seconds. */
const SILENCE_MS = 120_000;
/** However busy it looks. */
const LONGEST_MS = 900_000;

/** What TLS, seals and control messages add: of the content, for each file, and for each connection. */
const OVERHEAD = { share: 0.005, perFile: 600, perConnection: 32 * 1024 };

/** One transfer, with whatever comes over it. Never rejects; the same seed and step do the same. */
export async function runStep({ seed, step, devices, disk, signal }: StepOptions): Promise<StepResult> {
  const random = new Random(seed, step);
  const sender = random.pick(DEVICES);
  const kind = random.pick(TREE_KINDS);
  const onDisk = disk !== undefined && random.chance(0.4) ? disk : undefined;
  const plan = planFaults(random, onDisk !== undefined);
  const place = join(devices.folder, `step ${step}`);
  const into = join(onDisk?.folder ?? place, 'inbox');
  const begun = performance.now();
  const faults: Fault[] = [];
  let failure: SoakFailure | undefined;
  let tree: SoakTree | undefined;
  let scene: Scene | undefined;
  let proxy: Proxy | undefined;
  try {
    tree = await SoakTree.make(join(place, 'source'), kind, random, onDisk ? MOST_BYTES_ON_DISK : MOST_BYTES);
    await mkdir(into, { recursive: true });
    proxy = await Proxy.open(0);
    scene = await Scene.open({ devices, sender, tree, into, proxy, disk: onDisk });
    const watch = new Watch(into, scene);
    try {
      for (const { fault, at } of plan) {
        if (!(await comes(at, scene, signal))) break;
        if (await inject(fault, scene, random)) faults.push(fault);
      }
      await ends(scene, signal);
    } finally {
      await watch.stop();
    }
    await compareAll(scene);
    await scene.endReceiver('SIGTERM');
    await checkLeftovers(into, devices);
  } catch (error) {
    const known = error instanceof SoakFailure ? error : new SoakFailure('broken test', String(error));
    failure = new SoakFailure(known.kind, describe(known, scene, devices, disk));
  }
  await devices.stop();
  await proxy?.close();
  await rm(place, { recursive: true, force: true });
  await rm(into, { recursive: true, force: true });
  const { bytes = 0, files = 0, versions } = tree ?? {};
  const isCounted = failure === undefined && scene?.isCounted === true && versions?.size === 0;
  const overhead = bytes * OVERHEAD.share + files * OVERHEAD.perFile;
  const crossed = (proxy?.forwarded ?? 0) - bytes - overhead - (faults.length + 1) * OVERHEAD.perConnection;
  const twice = isCounted ? Math.max(0, Math.round(crossed)) : null;
  const seconds = (performance.now() - begun) / 1000;
  return { step, sender, kind, files, bytes, faults, twice, seconds, failure };
}

/** Resolves at the moment; false when the transfer has ended before it came. */
async function comes(at: Moment, scene: Scene, signal: AbortSignal): Promise<boolean> {
  const { proxy, tree, sender } = scene;
  const over = sender.ended.then(() => false);
  if ('ms' in at) return await Promise.race([over, sleep(at.ms, true, { signal })]);
  const reached = proxy.reached(proxy.forwarded + at.share * tree.bytes).then(() => true);
  // Where everything that is left is less, this one comes a little late, or not at all.
  return await Promise.race([over, reached, sleep(20_000, true, { signal })]);
}

/** Resolves once both sides are done. */
async function ends(scene: Scene, signal: AbortSignal): Promise<void> {
  const since = performance.now();
  let said = '';
  let heard = performance.now();
  let over = scene.sender.ended.then(() => true);
  for (;;) {
    if (await Promise.race([over, sleep(1000, false, { signal })])) {
      if (!(await scene.startSenderUnlessAgreed())) break;
      over = scene.sender.ended.then(() => true);
    }
    const now = `${scene.proxy.forwarded} ${scene.events('sender').length} ${scene.events('receiver').length}`;
    if (now !== said) heard = performance.now();
    said = now;
    if (performance.now() - heard > SILENCE_MS) throw new SoakFailure('no end', 'nothing moves any more');
    if (performance.now() - since > LONGEST_MS) throw new SoakFailure('no end', 'it goes on and on');
  }
  const { code } = await scene.sender.ended;
  const wasKilled = scene.sender.child.killed;
  if (!scene.isSent || (code !== 0 && !wasKilled))
    throw new SoakFailure('exit code', `the sender ended with ${code}`);
  const isDone = () => scene.events('receiver').some(({ event }) => event === 'done');
  // The sender may be gone before the receiver has printed it.
  for (let left = 50; left > 0 && !isDone(); left -= 1) await sleep(100, undefined, { signal });
  if (!isDone()) throw new SoakFailure('exit code', 'the receiver never said that it is done');
}

/** What both sides said last, without the paths of this machine. */
function describe(
  failure: SoakFailure,
  scene: Scene | undefined,
  devices: TwoDevices,
  disk: SmallDisk | undefined,
): string {
  const lines = [failure.message];
  for (const side of ['sender', 'receiver'] as const) {
    const told = (scene?.events(side) ?? []).filter(({ event }, at, all) => {
      return event !== 'progress' || all[at + 1]?.event !== 'progress';
    });
    lines.push(...told.slice(-12).map((event) => `    ${side}: ${JSON.stringify(event)}`));
  }
  let text = lines.join('\n');
  for (const folder of [devices.folder, disk?.folder]) if (folder) text = text.replaceAll(folder, '<folder>');
  return text;
}
