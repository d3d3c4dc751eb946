import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { _electron } from '@playwright/test';
import type { ElectronApplication, Locator, Page } from '@playwright/test';
import { replySchema, snapshotSchema } from '../../shared/ipc.ts';
import type { AppSnapshot } from '../../shared/ipc.ts';
import { electronLaunchOptions } from '../tools/electron-runtime.mjs';
import { root } from '../tools/paths.mjs';

/**
 * By the keyboard. A click that brings the focus along to a window lands on nothing that is guarded (see
 * steady.ts), and without a window manager either of two windows may have it. What a pointer does is tested in
 * coming-up.spec.ts, shown-offers.spec.ts and page/moving.spec.ts.
 */
async function press(button: Locator): Promise<void> {
  await button.press('Enter');
}

/** Drives a real Sealane window through its own controls, for tests and the demo. `npm run build` comes before. */

export const SCHEMES = ['light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface DesktopOptions {
  /** Of the device, when it is new. */
  readonly name: string;
  /** Everything that the device keeps. */
  readonly profile: string;
  readonly downloads: string;
  readonly scheme: Scheme;
  /** In CSS pixels. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Where it is to be reached, on loopback. Default: any port. */
  readonly port?: number;
  /** An installed app instead of the checkout. */
  readonly executable?: string;
}

/** What one transfer's row showed from its first moment to its end. */
export interface Watched {
  /** The states in order, each once. */
  readonly states: readonly string[];
  /** The values of the progress bar in order, each as often as it was seen. */
  readonly percents: readonly number[];
}

/** What is used of the page's elements: this file also serves programs that know no DOM. */
interface PageElement {
  getAttribute(name: string): string | null;
  querySelector(selectors: string): PageElement | null;
  readonly textContent: string | null;
}

/** Told what a row shows: its percentage, and the line below it. */
export type OnLook = (percent: number, status: string) => void;

const DEFAULT_SIZE = { width: 960, height: 680 };
/** For everything that is waited for, in milliseconds: a loaded machine of two cores needs its time. */
const PATIENCE_MS = 60_000;
/** For a whole transfer, in milliseconds. */
const TRANSFER_PATIENCE_MS = 300_000;
/** Between two looks at a row, in milliseconds. */
const LOOK_EVERY_MS = 30;
const OVER: readonly string[] = ['done', 'declined', 'cancelled', 'failed'];
/** What the app itself complains about; what Chromium says of the system around it is no fault of the app. */
const COMPLAINT = /^sealane:|\bUnhandled|\bUncaught|SealaneError/;

export class Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly name: string;
  /** Errors and warnings of the page, and errors that the main process has printed. */
  readonly complaints: string[] = [];
  readonly #scheme: Scheme;

  private constructor(app: ElectronApplication, page: Page, { name, scheme }: DesktopOptions) {
    this.app = app;
    this.page = page;
    this.name = name;
    this.#scheme = scheme;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(`page: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.complaints.push(`page: ${message.text()}`);
    });
    app
      .process()
      .stderr?.setEncoding('utf8')
      .on('data', (text: string) => {
        for (const line of text.split('\n')) if (COMPLAINT.test(line)) this.complaints.push(`main: ${line}`);
      });
  }

  /** Starts Electron and waits for the page. */
  static async launch(options: DesktopOptions): Promise<Desktop> {
    const { width, height } = options.size ?? DEFAULT_SIZE;
    const args = [
      `--user-data-dir=${options.profile}`,
      `--sealane-downloads=${options.downloads}`,
      `--sealane-name=${options.name}`,
      `--sealane-listen=127.0.0.1:${String(options.port ?? 0)}`,
      '--lang=en-US',
    ];
    const { executable } = options;
    const app = await _electron.launch({
      ...(executable === undefined
        ? await electronLaunchOptions(root, args)
        : { executablePath: executable, args, chromiumSandbox: true }),
      timeout: PATIENCE_MS,
    });
    const page = await app.firstWindow({ timeout: PATIENCE_MS });
    const desktop = new Desktop(app, page, options);
    await page.emulateMedia({ colorScheme: options.scheme });
    await app.evaluate(
      ({ BrowserWindow }, size) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height);
      },
      { width, height },
    );
    await page.getByRole('heading', { name: 'This device' }).waitFor();
    return desktop;
  }

  /** Quits. Asked whether to, while something is on its way, this user says yes. */
  async close(): Promise<void> {
    await this.answerQuestions(0).catch(() => undefined);
    await this.app.close();
  }

  /** Sends the main process a signal, as the system would, and waits for its end unless it is only stopped or woken. */
  async signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const ended = this.ended();
    this.app.process().kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await ended;
  }

  /** Resolves when the process, which still runs, has ended. */
  async ended(): Promise<void> {
    await new Promise((resolve) => this.app.process().once('exit', resolve));
  }

  /** From now on every question of the app is answered with its button of this number, and kept; see `questions`. */
  async answerQuestions(button: number): Promise<void> {
    await this.app.evaluate(({ dialog }, response) => {
      const asked: string[] = [];
      Reflect.set(globalThis, 'questionsAsked', asked);
      dialog.showMessageBox = (...args: readonly unknown[]) => {
        const options = args.at(-1);
        if (typeof options === 'object' && options !== null && 'message' in options)
          asked.push(String(options.message));
        return Promise.resolve({ response, checkboxChecked: false });
      };
    }, button);
  }

  /** What the app has asked since `answerQuestions`. */
  async questions(): Promise<unknown> {
    return await this.app.evaluate(() => Reflect.get(globalThis, 'questionsAsked') as unknown);
  }

  /** What the page is told when it asks for everything. */
  async snapshot(): Promise<AppSnapshot> {
    const reply = replySchema.parse(await this.page.evaluate<unknown>(`window.sealane.call('snapshot', [])`));
    if (!reply.ok) throw new Error(reply.error.message);
    return snapshotSchema.parse(reply.value);
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  heading(name: string): Locator {
    return this.page.getByRole('heading', { name, exact: true });
  }

  // Pairing

  /** Shows an invite and gives its link. */
  async showInvite(): Promise<string> {
    await this.button('Pair a device').click();
    await this.button('Show an invite').click();
    return await this.page.getByLabel('Invite link', { exact: true }).inputValue();
  }

  /** Enters an invite; what comes of it is up to the caller to see. */
  async enterInvite(link: string): Promise<void> {
    await this.button('Pair a device').click();
    await this.button('Enter an invite').click();
    await this.page.getByLabel('Invite link or token').fill(link);
    await this.button('Continue').click();
  }

  /** The code to compare, once it is there. */
  async code(): Promise<string> {
    return await this.page.getByTestId('pairing-code').innerText();
  }

  async confirmCode(): Promise<void> {
    await this.button('Yes, they match').click();
  }

  async finishPairing(other: string): Promise<void> {
    await this.heading(`Paired with ${other}`).waitFor();
    await this.button('Done').click();
    await this.device(other).waitFor();
  }

  // Sending and receiving

  device(name: string): Locator {
    return this.page.getByRole('group', { name, exact: true });
  }

  /** Sends a file or folder by the card's own button for it; the system's dialog is answered for the user. */
  async send(device: string, path: string): Promise<void> {
    const isFolder = (await stat(path)).isDirectory();
    await this.answerDialogWith([path]);
    const button = isFolder ? 'Send folder…' : 'Send files…';
    await press(this.device(device).getByRole('button', { name: button }));
  }

  /** From now on, whatever dialog for files or folders opens has these chosen. */
  async answerDialogWith(paths: readonly string[]): Promise<void> {
    await this.app.evaluate(({ dialog }, filePaths) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [...filePaths] });
    }, paths);
  }

  /** Drags files and folders over a device's card, as the system would. Gives what lets them go there. */
  async drag(device: string, paths: readonly string[]): Promise<() => Promise<void>> {
    const card = this.device(device);
    await card.scrollIntoViewIfNeeded();
    // A card that has just moved, or whose window has just come up, takes no drop: a person sees that first.
    await this.page.locator('[data-unsteady]').first().waitFor({ state: 'detached' });
    const box = await card.boundingBox();
    if (box === null) throw new Error('the card is not to be seen');
    const session = await this.page.context().newCDPSession(this.page);
    const step = async (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<void> => {
      await session.send('Input.dispatchDragEvent', {
        type,
        x: box.x + box.width / 2,
        y: box.y + box.height / 2,
        data: { items: [], files: [...paths], dragOperationsMask: 1 },
      });
    };
    await step('dragEnter');
    await step('dragOver');
    return async () => {
      await step('drop');
      await session.detach();
    };
  }

  /** The question whether to accept something. */
  offer(from: string): Locator {
    return this.page.getByRole('region', { name: `${from} wants to send you` });
  }

  async accept(from: string): Promise<void> {
    await press(this.offer(from).getByRole('button', { name: 'Accept', exact: true }));
  }

  /** The row of a transfer, such as `Holiday to Laptop`. */
  transfer(name: string): Locator {
    return this.page.getByRole('listitem', { name, exact: true });
  }

  /** Follows a row to the end of its transfer. Throws when the end does not come. */
  async watch(name: string, onLook: OnLook = () => undefined): Promise<Watched> {
    const row = this.transfer(name);
    await row.waitFor();
    const states: string[] = [];
    const percents: number[] = [];
    const deadline = performance.now() + TRANSFER_PATIENCE_MS;
    while (performance.now() < deadline) {
      const [seen] = await row.evaluateAll((rows: readonly PageElement[]) =>
        rows.map((element) => ({
          state: element.getAttribute('data-state'),
          percent: element.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? null,
          status: element.querySelector('.transfer-status')?.textContent ?? '',
        })),
      );
      const state = seen?.state ?? 'gone';
      if (states.at(-1) !== state) states.push(state);
      if (seen?.percent !== undefined && seen.percent !== null) {
        percents.push(Number(seen.percent));
        onLook(Number(seen.percent), seen.status);
      }
      if (OVER.includes(state)) return { states, percents };
      await pause(LOOK_EVERY_MS);
    }
    throw new Error(`${name} did not end; it showed ${states.join(', ')} and ${percents.join(' ')}`);
  }

  // Pictures

  /** Keeps a picture of the window as it is, once light and once dark: `FOLDER/NAME-light.png`. */
  async picture(folder: string, name: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    // Nothing is pointed at.
    await this.page.mouse.move(0, 0);
    for (const scheme of SCHEMES) {
      await this.#as(scheme, async () => {
        await this.page.screenshot({ path: join(folder, `${name}-${scheme}.png`), animations: 'disabled' });
      });
    }
  }

  async inBothSchemes(look: (scheme: Scheme) => Promise<void>): Promise<void> {
    for (const scheme of SCHEMES) await this.#as(scheme, () => look(scheme));
  }

  async #as(scheme: Scheme, look: () => Promise<void>): Promise<void> {
    await this.page.emulateMedia({ colorScheme: scheme });
    try {
      await look();
    } finally {
      await this.page.emulateMedia({ colorScheme: this.#scheme });
    }
  }
}

/** Pairs two windows through their pages. Resolves with the code that both have shown; throws when they differ. */
export async function pairDesktops(inviter: Desktop, invitee: Desktop): Promise<string> {
  await invitee.enterInvite(await inviter.showInvite());
  const [code, other] = await Promise.all([inviter.code(), invitee.code()]);
  if (code !== other) throw new Error('the codes differ');
  await Promise.all([inviter.confirmCode(), invitee.confirmCode()]);
  await Promise.all([inviter.finishPairing(invitee.name), invitee.finishPairing(inviter.name)]);
  return code;
}
