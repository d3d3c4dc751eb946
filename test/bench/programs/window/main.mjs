// The real desktop app, driven without a browser's tools: this loads it as it was built and then calls its page's own bridge,
// as the page does. Orders come one JSON object per line on standard input, answers go to standard output.
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { app, dialog } from 'electron';
import { p99Of, startProbe } from '../probe.mjs';

const begun = performance.timeOrigin;
const built = pathToFileURL(fileURLToPath(new URL('../../../../dist/main/main.js', import.meta.url)));

/** @typedef {{ id: number, do: 'call' | 'choose' | 'measure' | 'measured' | 'countFrames' | 'countedFrames' | 'quit', name?: string, args?: unknown[], path?: string }} Order */

/** @param {unknown} message */
const tell = (message) => void process.stdout.write(`${JSON.stringify(message)}\n`);

/** @type {import('electron').WebContents | undefined} */
let page;
const histogram = startProbe();

/** @param {string} script */
const inPage = (script) => {
  if (page === undefined) throw new Error('there is no page yet');
  return page.executeJavaScript(script);
};

// Pictures are counted where they are drawn.
const COUNT_FRAMES = `{
  window.sealaneFrames = { count: 0, from: performance.now() };
  const counting = window.sealaneFrames;
  const count = () => { counting.count += 1; if (window.sealaneFrames === counting) requestAnimationFrame(count); };
  requestAnimationFrame(count);
}; true`;
const FRAMES = `{
  const counting = window.sealaneFrames;
  window.sealaneFrames = undefined;
  window.sealaneFramesPerSecond = counting.count / ((performance.now() - counting.from) / 1000);
}; window.sealaneFramesPerSecond`;

/** @param {Order} order */
async function obey(order) {
  switch (order.do) {
    case 'call':
      // What answers with nothing has a value that JSON leaves out.
      return inPage(
        `window.sealane.call(${JSON.stringify(order.name)}, ${JSON.stringify(order.args)})` +
          '.then((reply) => ({ value: null, ...JSON.parse(JSON.stringify(reply)) }))',
      );
    case 'choose':
      // From now on, the system's dialog is answered for the user.
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [order.path ?? ''] });
      return true;
    case 'measure':
      histogram.reset();
      return true;
    case 'measured':
      return p99Of(histogram);
    case 'countFrames':
      return inPage(COUNT_FRAMES);
    case 'countedFrames':
      return inPage(FRAMES);
    case 'quit':
      setImmediate(() => {
        app.quit();
      });
      return true;
    default:
      throw new Error('an order of no kind');
  }
}

// The page is usable once its heading is drawn: two pictures after it is there.
const USABLE = `new Promise((resolve) => {
  const look = () => {
    const heading = [...document.querySelectorAll('h1, h2')].some((each) => each.textContent.trim() !== '');
    if (heading) requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)));
    else requestAnimationFrame(look);
  };
  look();
})`;

app.on('web-contents-created', (_event, contents) => {
  if (page !== undefined || contents.getType() !== 'window') return;
  page = contents;
  contents.once('dom-ready', () => {
    void contents.executeJavaScript(USABLE).then(() => {
      tell({ event: 'usable', milliseconds: Date.now() - begun });
    });
    // What the page hears is handed on: states of transfers and pairings, but no progress, which nobody here waits for.
    void contents.executeJavaScript(
      `window.sealane.onPush((push) => {
        if (push.transfer?.state.kind !== 'running') console.debug('sealane-bench ' + JSON.stringify(push));
      }); true`,
    );
  });
  contents.on('console-message', (/** @type {unknown[]} */ ...args) => {
    const [first, , third] = args;
    // Newer runtimes put everything into the event.
    const text = typeof third === 'string' ? third : messageOf(first);
    if (text.startsWith('sealane-bench ')) {
      process.stdout.write(`${text.slice('sealane-bench '.length)}\n`);
    }
  });
});

/** @param {unknown} event */
function messageOf(event) {
  return typeof event === 'object' && event !== null && 'message' in event ? String(event.message) : '';
}

createInterface({ input: process.stdin }).on('line', (line) => {
  /** @type {Order} */
  const order = JSON.parse(line);
  obey(order).then(
    (value) => {
      tell({ event: 'reply', id: order.id, value: value ?? null });
    },
    (/** @type {unknown} */ error) => {
      tell({ event: 'failure', id: order.id, message: String(error) });
    },
  );
});

await import(built.href);
