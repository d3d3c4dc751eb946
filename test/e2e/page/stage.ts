import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { _electron, expect, test as base } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';
import type { AppSnapshot, Push, Reply } from '../../../shared/ipc.ts';
import { electronLaunchOptions } from '../../tools/electron-runtime.mjs';
import { installFakeBridge } from './fake-bridge.ts';
import type { Replies } from './fake-bridge.ts';

const shell = fileURLToPath(new URL('./shell', import.meta.url));
const pictures = fileURLToPath(new URL('../../../test-results/page', import.meta.url));

/** The page in a real Electron window, with a stand-in for everything behind it. */
export class Stage {
  readonly page: Page;
  readonly app: ElectronApplication;

  constructor(app: ElectronApplication, page: Page) {
    this.app = app;
    this.page = page;
  }

  /** Loads the page anew with this snapshot, and with these answers to its calls. */
  async open(snapshot: AppSnapshot, replies: Replies = {}): Promise<void> {
    const answers: Replies = { snapshot: { ok: true, value: snapshot }, ...replies };
    await this.page.emulateMedia({ reducedMotion: 'reduce' });
    await this.page.addInitScript(installFakeBridge, answers);
    await this.page.reload();
    await expect(this.page.getByRole('heading', { name: 'Sealane', level: 1 })).toBeVisible();
  }

  async push(push: Push): Promise<void> {
    await this.page.evaluate((value) => {
      window.fake.push(value);
    }, push);
  }

  async answer(name: string, reply: Reply): Promise<void> {
    await this.page.evaluate(
      ([call, value]) => {
        window.fake.replies[call] = value;
      },
      [name, reply] as const,
    );
  }

  /** What the page has asked for under this name: one list of arguments per call. */
  async calls(name: string): Promise<unknown[][]> {
    const calls = await this.page.evaluate(() => window.fake.calls);
    return calls.filter(([called]) => called === name).map(([, ...args]) => args);
  }

  /** The size of the page in CSS pixels. */
  async size(width: number, height: number): Promise<void> {
    await this.app.evaluate(
      ({ BrowserWindow }, [w, h]) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(w, h);
      },
      [width, height] as const,
    );
    await expect.poll(() => this.page.evaluate(() => window.innerWidth)).toBe(width);
  }

  /** Keeps a picture, light and dark, and lets axe look at both; nothing may be found. */
  async look(name: string): Promise<void> {
    await mkdir(pictures, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await this.page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
      const { violations } = await new AxeBuilder({ page: this.page }).setLegacyMode(true).analyze();
      const found = violations
        // A menu hangs beside the landmarks, at the end of the body, as menus do.
        .filter(({ id, nodes }) => id !== 'region' || nodes.some(({ html }) => !html.includes('role="menu"')))
        .map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html) }));
      expect(found, `${name}, ${colorScheme}`).toEqual([]);
    }
    expect(await this.page.evaluate(() => window.fake.violations)).toEqual([]);
  }

  /** Keeps a picture of the page in a system's high contrast, light and dark. */
  async lookWithForcedColours(name: string): Promise<void> {
    await mkdir(pictures, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, forcedColors: 'active', reducedMotion: 'reduce' });
      await this.page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
    }
    await this.page.emulateMedia({ forcedColors: 'none' });
  }

  /** Whether anything of the page is cut off at its right edge. */
  async expectNoSidewaysScroll(): Promise<void> {
    const cutOff = await this.page.evaluate(() =>
      ['html', 'main', '[role="dialog"]'].filter((selector) => {
        const element = document.querySelector(selector);
        return element !== null && element.scrollWidth > element.clientWidth;
      }),
    );
    expect(cutOff).toEqual([]);
  }
}

/** A test with one window of its own. What the page prints as an error fails it. */
export const test = base.extend<{ stage: Stage }>({
  stage: async ({ locale }, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'sealane-page-'));
    const app = await _electron.launch(
      await electronLaunchOptions(shell, [`--user-data-dir=${profile}`, `--lang=${locale ?? 'en-US'}`]),
    );
    const complaints: string[] = [];
    try {
      const page = await app.firstWindow();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      await use(new Stage(app, page));
    } finally {
      await app.close();
      await rm(profile, { recursive: true, force: true });
    }
    expect(complaints).toEqual([]);
  },
});

export { expect };
