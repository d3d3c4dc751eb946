import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { launchSealane, type Sealane } from './sealane.ts';

/** What the page can and cannot do, asked of the running app itself: the page is treated as if it had been taken over. */

const PAGE = 'sealane-app://app/index.html';

let device: Sealane;
let page: Page;

test.beforeAll(async () => {
  device = await launchSealane({ name: 'Held in place' });
  page = device.page;
});
test.afterAll(async () => {
  await device.remove();
});

test.describe('the page', () => {
  test('has no Node, no Electron and no way to the preload’s world', async () => {
    const seen = await page.evaluate(() => ({
      node: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter((name) => name in window),
      bridge: Object.keys(window.sealane).sort(),
    }));
    expect(seen).toEqual({ node: [], bridge: ['call', 'onPush', 'platform', 'registerDrop'] });
  });

  test('is isolated and sandboxed', async () => {
    const preferences = await device.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => {
        const contents: object = window.webContents;
        const found: unknown =
          'getLastWebPreferences' in contents && typeof contents.getLastWebPreferences === 'function'
            ? Reflect.apply(contents.getLastWebPreferences, contents, [])
            : undefined;
        return found;
      }),
    );
    expect(preferences).toHaveLength(1);
    expect(preferences[0]).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    });
  });

  test('opens no window', async () => {
    expect(await page.evaluate(() => window.open('https://example.org/') === null)).toBe(true);
    expect(await page.evaluate(() => window.open('about:blank') === null)).toBe(true);
    expect(device.app.windows()).toHaveLength(1);
  });

  test('cannot be led elsewhere', async () => {
    const denied = await device.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<{ url: string; prevented: boolean }[]>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          const seen: { url: string; prevented: boolean }[] = [];
          const targets = ['http://127.0.0.1:9/', 'sealane-app://app/assets/none.js', 'file:///etc/passwd'];
          contents?.on('will-frame-navigate', (event) => {
            seen.push({ url: event.url, prevented: event.defaultPrevented });
          });
          const script = targets.map((url, index) => {
            const go = `location.href = ${JSON.stringify(url)}`;
            return `setTimeout(() => { ${go} }, ${String(index * 300)});`;
          });
          void contents?.executeJavaScript(script.join('\n'));
          setTimeout(() => {
            resolve(seen);
          }, 1500);
        }),
    );
    // Chromium itself does not let a page ask for a file.
    expect(denied).toEqual([
      { url: 'http://127.0.0.1:9/', prevented: true },
      { url: 'sealane-app://app/assets/none.js', prevented: true },
    ]);
    expect(await page.evaluate(() => location.href)).toBe(PAGE);
  });

  test('is given no permission', async () => {
    const answers = await page.evaluate(async () => {
      const asked: PermissionName[] = ['geolocation', 'notifications', 'camera', 'microphone', 'midi'];
      const states = await Promise.all(
        asked.map(async (name) => (await navigator.permissions.query({ name })).state),
      );
      const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'given',
        () => 'denied',
      );
      const place = await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => {
            resolve('given');
          },
          () => {
            resolve('denied');
          },
        );
      });
      return { states, camera, place, notification: await Notification.requestPermission() };
    });
    expect(answers).toEqual({
      states: ['denied', 'denied', 'denied', 'denied', 'denied'],
      camera: 'denied',
      place: 'denied',
      notification: 'denied',
    });
  });

  test('reads and writes no clipboard by itself', async () => {
    const answers = await page.evaluate(async () => {
      const outcome = (promise: Promise<unknown>): Promise<string> =>
        promise.then(
          () => 'done',
          () => 'denied',
        );
      return [
        await outcome(navigator.clipboard.readText()),
        await outcome(navigator.clipboard.writeText('x')),
      ];
    });
    expect(answers).toEqual(['denied', 'denied']);
  });

  test('runs nothing inline and nothing made from text', async () => {
    const ran = await page.evaluate(async () => {
      // The test's own code is exempt from the policy until it has returned once.
      await new Promise((resolve) => setTimeout(resolve));
      const refused: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ blockedURI }) => refused.push(blockedURI));
      const script = document.createElement('script');
      script.textContent = 'document.title = "inline"';
      const button = document.createElement('button');
      button.setAttribute('onclick', 'document.title = "handler"');
      document.body.append(script, button);
      button.click();
      const makers = [Function, window.sealane.call.constructor];
      for (const maker of makers) {
        try {
          Reflect.construct(maker, ['document.title = "text"']);
          refused.push('not refused');
        } catch (error) {
          refused.push(error instanceof Error ? error.name : 'thrown');
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      script.remove();
      button.remove();
      return { title: document.title, refused: refused.sort() };
    });
    expect(ran).toEqual({
      title: 'Sealane',
      refused: ['EvalError', 'EvalError', 'eval', 'eval', 'inline', 'inline'],
    });
  });

  test('has frames without a bridge only', async () => {
    const frame = await page.evaluate(async () => {
      const element = document.createElement('iframe');
      element.src = 'sealane-app://app/index.html';
      const loaded = new Promise((resolve) => {
        element.addEventListener('load', resolve, { once: true });
      });
      document.body.append(element);
      await loaded;
      let bridge: boolean;
      try {
        bridge = element.contentWindow !== null && 'sealane' in element.contentWindow;
      } catch {
        bridge = false;
      }
      element.remove();
      return bridge;
    });
    expect(frame).toBe(false);
  });

  test('saves no files', async () => {
    const prevented = device.app.evaluate(
      ({ session }) =>
        new Promise<boolean>((resolve) => {
          session.defaultSession.once('will-download', (event) => {
            resolve(event.defaultPrevented);
          });
        }),
    );
    await page.evaluate(() => {
      const link = document.createElement('a');
      link.href = 'data:text/plain,x';
      link.download = 'x.txt';
      document.body.append(link);
      link.click();
      link.remove();
    });
    expect(await prevented).toBe(true);
  });
});

test.describe('the network', () => {
  test('is out of reach for the page, and for its whole session', async () => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.setHeader('Access-Control-Allow-Origin', '*').end('reached');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    try {
      const tries = await page.evaluate(async (url) => {
        const outcome = (promise: Promise<unknown>): Promise<string> =>
          promise.then(
            () => 'reached',
            () => 'blocked',
          );
        const image = new Promise((resolve, reject) => {
          const element = new Image();
          element.addEventListener('load', resolve);
          element.addEventListener('error', reject);
          element.src = url;
        });
        const socket = new Promise((resolve, reject) => {
          const web = new WebSocket(url.replace('http', 'ws'));
          web.addEventListener('open', resolve);
          web.addEventListener('error', reject);
        });
        const beacon = navigator.sendBeacon(url, 'x') ? 'sent' : 'blocked';
        return {
          fetch: await outcome(fetch(url)),
          image: await outcome(image),
          socket: await outcome(socket),
          beacon,
        };
      }, address);
      expect(tries).toMatchObject({ fetch: 'blocked', image: 'blocked', socket: 'blocked' });

      // The policy put aside: the session lets nothing out either.
      const session = await device.app.evaluate(
        async ({ session: electronSession }, url) =>
          electronSession.defaultSession.fetch(url).then(
            () => 'reached',
            (error: unknown) => String(error),
          ),
        address,
      );
      expect(session).toContain('ERR_BLOCKED_BY_CLIENT');
      expect(requests).toBe(0);
    } finally {
      server.close();
    }
  });

  test('is not even looked at by WebRTC: no address of this computer is told', async () => {
    const candidates = await page.evaluate(async () => {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:9' }] });
      const found: string[] = [];
      const gathered = new Promise<void>((resolve) => {
        peer.addEventListener('icecandidate', ({ candidate }) => {
          if (candidate === null) resolve();
          else if (candidate.candidate !== '') found.push(candidate.candidate);
        });
      });
      peer.createDataChannel('x');
      await peer.setLocalDescription(await peer.createOffer());
      await gathered;
      peer.close();
      return found;
    });
    expect(candidates).toEqual([]);
  });
});
