import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { compareTrees } from '../support/compare.ts';
import type { Difference } from '../support/compare.ts';
import { namesIn } from '../support/tree.ts';
import { DEVICES } from '../support/two-devices.ts';
import type { TwoDevices } from '../support/two-devices.ts';
import type { Scene } from './scene.ts';
import { SoakFailure } from './soak-failure.ts';
import { hashOf } from './tree.ts';

const LOOK_EVERY_MS = 150;

/** Looks at the destination all the time: whatever stands there under a name is whole, from the first moment on. */
export class Watch {
  readonly #into: string;
  readonly #scene: Scene;
  readonly #seen = new Set<string>();
  readonly #looking: Promise<void>;
  #isOver = false;

  constructor(into: string, scene: Scene) {
    this.#into = into;
    this.#scene = scene;
    this.#looking = this.#look();
    // Told by `stop`.
    this.#looking.catch(() => undefined);
  }

  /** Throws what was wrong. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      for (const name of await namesAtTop(this.#into)) {
        if (this.#seen.has(name)) continue;
        this.#seen.add(name);
        const item = this.#scene.tree.items.find((path) => basename(path) === name);
        if (item === undefined) throw new SoakFailure('half-written', 'something that was never sent');
        const differences = await differencesOf(item, this.#scene);
        if (differences.length > 0) throw new SoakFailure('half-written', textOf(differences));
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

async function namesAtTop(into: string): Promise<readonly string[]> {
  return (await readdir(into)).filter((name) => !name.startsWith('.sealane-'));
}

/** Holds both sides against each other. Throws what differs. */
export async function compareAll(scene: Scene): Promise<void> {
  for (const item of scene.tree.items) {
    const differences = await differencesOf(item, scene);
    if (differences.length > 0) throw new SoakFailure('difference', textOf(differences));
  }
  await checkChanged(scene);
}

/** What is different, but for files that were changed meanwhile. */
async function differencesOf(item: string, scene: Scene): Promise<readonly Difference[]> {
  const { differences } = await compareTrees(item, scene.targetOf(item));
  const base = dirname(item);
  return differences.filter(({ path }) => !scene.tree.versions.has(join(base, path)));
}

/** A file that was changed is there as it was at some time, whole; or it was said that it is not. Nothing else was left out. */
async function checkChanged(scene: Scene): Promise<void> {
  const said = new Set<string>();
  for (const event of scene.events('receiver')) {
    if (event.event !== 'done' || !Array.isArray(event['skipped'])) continue;
    for (const skipped of event['skipped']) said.add(String((skipped as { path: unknown }).path));
  }
  for (const [path, versions] of scene.tree.versions) {
    const name = path.slice(scene.tree.root.length + 1);
    const arrived = await hashOf(scene.targetOf(path));
    const isSaid = said.delete(name);
    if (arrived === undefined && !isSaid) throw new SoakFailure('missing', `${name}, and nobody said so`);
    if (arrived !== undefined && !versions.has(arrived))
      throw new SoakFailure('difference', `${name} never was so`);
  }
  if (said.size > 0) throw new SoakFailure('missing', `left out for no reason: ${[...said].join(', ')}`);
}

/** Nothing but what was sent is in the destination, and nothing of the transfer in either profile. */
export async function checkLeftovers(into: string, devices: TwoDevices): Promise<void> {
  const staged = (await readdir(into)).filter((name) => name.startsWith('.sealane-'));
  if (staged.length > 0) throw new SoakFailure('left behind', `in the destination: ${staged.join(', ')}`);
  for (const device of DEVICES) {
    const left = await namesIn(join(devices.profile(device), 'transfers'));
    if (left.length > 0)
      throw new SoakFailure('left behind', `in the profile of ${device}: ${left.join(', ')}`);
  }
}

function textOf(differences: readonly Difference[]): string {
  return differences
    .slice(0, 5)
    .map(({ path, what }) => `${JSON.stringify(path)} ${what}`)
    .join('; ');
}
