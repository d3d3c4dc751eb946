import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@playwright/test';
import { Desktop } from '../support/desktop.ts';
import type { Scheme } from '../support/desktop.ts';

/** Real windows for one test file, each a device with a profile of its own; all gone after `dispose`. */
export class World {
  readonly folder: string;
  readonly #open: Desktop[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<World> {
    return new World(await mkdtemp(join(tmpdir(), 'sealane windows ')));
  }

  /** The window of the device called `name`; what it knew and received before is still there. `port`: any, unless it is given. */
  async open(name: string, scheme: Scheme, port = 0): Promise<Desktop> {
    const desktop = await Desktop.launch({
      name,
      scheme,
      port,
      profile: join(this.folder, `profile of ${name}`),
      downloads: this.received(name),
    });
    this.#open.push(desktop);
    return desktop;
  }

  /** Where the device called `name` receives. */
  received(name: string): string {
    return join(this.folder, `received by ${name}`);
  }

  /** Of all windows there have been. */
  complaints(): readonly string[] {
    return this.#open.flatMap(({ name, complaints }) => complaints.map((line) => `${name}: ${line}`));
  }

  async dispose(): Promise<void> {
    // One that a test has closed itself is closed.
    await Promise.all(this.#open.map((desktop) => desktop.close().catch(() => undefined)));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Lets axe look at the page, light and dark: nothing serious may be found. */
export async function expectAccessible(desktop: Desktop, state: string): Promise<void> {
  await desktop.inBothSchemes(async (scheme) => {
    // The other modes open a page of their own, which Electron cannot.
    const { violations } = await new AxeBuilder({ page: desktop.page }).setLegacyMode(true).analyze();
    const found = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
    expect(found, `${state}, ${scheme}`).toEqual([]);
  });
}
