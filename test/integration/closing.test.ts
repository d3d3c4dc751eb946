import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TransferId } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';

const noMatter = (): void => undefined;
const bench = new Bench();
afterEach(() => bench.dispose());

async function fileToSend(): Promise<string> {
  const folder = await bench.folder('to-send');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'letter.txt');
  await writeFile(file, 'hello');
  return file;
}

/** Everything in the profile, by its name. */
async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(paths.map((path) => readFile(path, 'hex')));
  return Object.fromEntries(paths.map((path, index) => [path, contents[index] ?? '']));
}

/** What `act` began may have gone on for a while. */
async function expectStill(engine: Engine, profile: string): Promise<void> {
  const closed = await contentOf(profile);
  expect(engine.snapshot().transfers.filter(({ state }) => state.kind === 'running')).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await contentOf(profile)).toEqual(closed);
}

describe('a device that is closed', () => {
  it('while something begins to be sent writes nothing after that', async () => {
    const [first, second] = await bench.pair();
    const paths = [await fileToSend()];
    const sending = first.send({ device: second.snapshot().self.id, paths }).catch(() => undefined);
    await first.close();
    await sending;
    await expectStill(first, await bench.folder('first-profile'));
  });

  it.each([0, 5, 10, 20, 40])('while it is offered something (%d ms later), likewise', async (delay) => {
    const [first, second] = await bench.pair();
    const paths = [await fileToSend()];
    await first.send({ device: second.snapshot().self.id, paths });
    await new Promise((resolve) => setTimeout(resolve, delay));
    await second.close();
    await expectStill(second, await bench.folder('second-profile'));
  });

  it('sends nothing any more', async () => {
    const [first, second] = await bench.pair();
    const paths = [await fileToSend()];
    const device = second.snapshot().self.id;
    await first.close();
    await expect(first.send({ device, paths })).rejects.toMatchObject({ code: 'interrupted' });
  });

  it.each([
    ['is closed', (engine: Engine) => engine.close()],
    ['is asked to cancel it', (engine: Engine, id: TransferId) => engine.cancelTransfer(id).catch(noMatter)],
  ])('as everything has arrived there: the sender hears so though its receiver %s', async (_, act) => {
    const [first, second] = await bench.pair();
    const id = await first.send({ device: second.snapshot().self.id, paths: [await fileToSend()] });
    const sent = endOf(first, id);
    const received = endOf(second, id).then(async ({ state }) => {
      await act(second, id);
      return state.kind;
    });
    await acceptOffer(second, await offerTo(second, id));
    expect(await received).toBe('done');
    expect((await sent).state.kind).toBe('done');
  });
});
