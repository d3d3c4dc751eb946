import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { chooseSteps } from '../support/schedules/choose.ts';
import { goOn, halfWay } from '../support/schedules/half-way.ts';
import { playAll, until } from '../support/schedules/run.ts';
import { demand } from '../support/schedules/untruth.ts';
import { Template, World } from '../support/schedules/world.ts';
import type { TransferId } from '../../shared/views.ts';

/** Two processes start on one profile with an unfinished transfer in it, one of them stopped in the middle of what it does at that. */

let template: Template;
/** What a receiver leaves that is closed in the middle. */
let unfinished: { readonly world: World; readonly id: TransferId };
const processes = new Set<ChildProcessWithoutNullStreams>();

beforeAll(async () => {
  template = await Template.make();
  const world = await World.make(template);
  await halfWay(world);
  await world.receiver.close();
  goOn(world);
  await world.sender.close();
  if (world.id === undefined) throw new Error('there is no transfer');
  unfinished = { world, id: world.id };
});
afterEach(() => {
  for (const child of processes) child.kill('SIGKILL');
  processes.clear();
});
afterAll(() => template.dispose());

const program = fileURLToPath(new URL('../support/schedules/engine-process.ts', import.meta.url));
const preload = new URL('../support/schedules/strike-at.mjs', import.meta.url);

/** A process of its own on the receiver's profile, that stops before the nth of the calls by which it looks at transfers or changes them. */
class OtherProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(world: World, strike: Readonly<Record<string, string>>) {
    const url = new URL(preload);
    for (const [name, value] of Object.entries(strike)) url.searchParams.set(name, value);
    const args = ['--import', url.href, program, world.receiver.options.profile, world.into];
    this.child = spawn(process.execPath, args);
    this.child.stderr.pipe(process.stderr);
    processes.add(this.child);
    this.#lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async says(): Promise<string> {
    const line = await this.#lines.next();
    return line.done === true ? 'nothing any more' : line.value;
  }

  async goesOnWith(id: TransferId): Promise<boolean> {
    this.child.stdin.write(`${id}\n`);
    return (await this.says()) === 'yes';
  }

  /** Whether the system has stopped it. Linux. */
  async isStopped(): Promise<boolean> {
    const stat = await readFile(`/proc/${String(this.child.pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdin.end();
    await ended;
  }
}

async function leftOver(): Promise<World> {
  const world = await World.make(template, []);
  for (const folder of ['receiver', 'received'])
    await cp(join(unfinished.world.folder, folder), join(world.folder, folder), { recursive: true });
  return world;
}

describe.runIf(process.platform === 'linux')('of two processes on one profile', { timeout: 600_000 }, () => {
  it('one at most goes on with a transfer, wherever the other one stops for a while as it starts', async () => {
    const dry = await leftOver();
    const count = join(dry.folder, 'count');
    const counted = new OtherProcess(dry, { count, reads: 'yes' });
    await counted.says();
    const steps = (await readFile(`${count}.main`, 'utf8')).length;
    demand(steps > 0, 'there was nothing to stop at');
    demand(await counted.goesOnWith(unfinished.id), 'a process alone does not go on with it');
    await counted.end();
    await dry.dispose();
    await playAll(
      'two processes start, one stops for a while',
      { targets: chooseSteps(steps, 10), of: steps },
      async (at) => {
        const world = await leftOver();
        let owners = 0;
        let wasStopped = false;
        return {
          world,
          run: async () => {
            const other = new OtherProcess(world, {
              thread: 'main',
              at: String(at),
              signal: 'SIGSTOP',
              reads: 'yes',
            });
            const opened = other.says();
            let isOpen = false;
            void opened.then(() => (isOpen = true));
            await until(async () => isOpen || (wasStopped = await other.isStopped()));
            const opening = world.receiver.open();
            // It may have to wait for the one that is stopped.
            await Promise.race([opening, delay(1_500)]);
            other.child.kill('SIGCONT');
            await Promise.all([opening, opened]);
            if (await other.goesOnWith(unfinished.id)) owners += 1;
            if (await world.receiver.tries((engine) => engine.resumeTransfer(unfinished.id))) owners += 1;
            await other.end();
          },
          isOver: () => Promise.resolve(true),
          judge: () => {
            demand(owners <= 1, `${String(owners)} processes go on with one transfer`);
            return Promise.resolve();
          },
          wasTried: () => wasStopped,
        };
      },
    );
  });
});
