// `npm run bench`: Sealane beside what else there is, process to process on this machine, from memory to memory.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../tools/paths.mjs';
import { BenchError } from './bench-error.ts';
import { chart } from './chart.ts';
import { openTlsLane } from './lanes/bare-tls.ts';
import type { Lane, LaneKey, LaneOpener, Run } from './lanes/lane.ts';
import { openTerminalLane } from './lanes/sealane-terminal.ts';
import { openWindowLane } from './lanes/sealane-window.ts';
import { openRsyncLane, openScpLane } from './lanes/ssh.ts';
import { openMagicWormholeLane, openWormholeWilliamLane } from './lanes/wormhole.ts';
import { describeMachine, loadNow } from './machine.ts';
import { measureMemory } from './memory.ts';
import { HELP, readOptions } from './options.ts';
import type { BenchOptions } from './options.ts';
import { rowOf } from './results.ts';
import type { Results, WorkResult } from './results.ts';
import { killAll } from './side.ts';
import { measureStart } from './start.ts';
import { resultsText } from './table.ts';
import { FULL, QUICK, arrivedAt, makeWork, measureTree, roomFor } from './works.ts';
import type { Work } from './works.ts';
import { openWorkspace } from './workspace.ts';
import type { Workspace } from './workspace.ts';

const OPENERS: Readonly<Record<LaneKey, LaneOpener>> = {
  terminal: openTerminalLane,
  window: openWindowLane,
  tls: openTlsLane,
  scp: openScpLane,
  rsync: openRsyncLane,
  'magic-wormhole': openMagicWormholeLane,
  'wormhole-william': openWormholeWilliamLane,
};

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function bench(options: BenchOptions): Promise<Results> {
  const sizes = options.quick ? QUICK : FULL;
  const machine = await describeMachine();
  const workspace = await openWorkspace(roomFor(sizes, options.works), { anywhere: options.quick });
  const lanes: Lane[] = [];
  try {
    const missing: LaneKey[] = [];
    for (const key of options.lanes) {
      const lane = await OPENERS[key]({ folder: await workspace.folder(`lane-${key}`) });
      if (lane === undefined) missing.push(key);
      else lanes.push(lane);
    }
    const works: WorkResult[] = [];
    for (const key of options.works) {
      const folder = await workspace.folder('source');
      works.push(await measure(await makeWork(key, folder, sizes), lanes, options.rounds, workspace));
      await rm(folder, { recursive: true });
    }
    return {
      machine: { ...machine, loadAfter: loadNow() },
      versions: Object.fromEntries(lanes.map(({ key, version }) => [key, version])),
      missing,
      isFullSize: !options.quick,
      works,
    };
  } finally {
    await Promise.allSettled(lanes.map((lane) => lane.close()));
    killAll();
    await workspace.remove();
  }
}

/** All lanes in turns: what else the machine does meets all of them alike. */
async function measure(
  work: Work,
  lanes: readonly Lane[],
  rounds: number,
  workspace: Workspace,
): Promise<WorkResult> {
  say(`\n${work.title}`);
  const fitting = lanes.filter((lane) => lane.takes(work));
  const runs = new Map<LaneKey, Run[]>(fitting.map(({ key }) => [key, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const lane of fitting) {
      const target = await workspace.folder('target');
      const memory = await workspace.keepWarm(work.bytes);
      const run = await lane.run(work, target).finally(memory.release);
      if (lane.key !== 'tls') await checkArrived(lane, work, target);
      await rm(target, { recursive: true });
      runs.get(lane.key)?.push(run);
      const speed = (work.bytes / 1024 ** 2 / run.seconds).toFixed(0);
      say(
        `  round ${String(round)}: ${lane.key} ${run.seconds.toFixed(2)} s, ${speed} MiB/s, load ${loadNow().toFixed(1)}`,
      );
    }
  }
  const { key, title, files, bytes } = work;
  return { key, title, files, bytes, rows: [...runs].map(([lane, each]) => rowOf(lane, work, each)) };
}

async function checkArrived(lane: Lane, work: Work, target: string): Promise<void> {
  const { files, bytes } = await measureTree(arrivedAt(work, target));
  if (files === work.files && bytes === work.bytes) return;
  throw new BenchError(
    `${lane.key}: ${String(files)} files and ${String(bytes)} bytes arrived of ${String(work.files)} and ${String(work.bytes)}`,
  );
}

async function write(results: Results, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'bench.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(folder, 'bench.svg'), chart(results));
}

async function main(): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      // What waits for one of these fails, and the workspace is removed.
      killAll();
    });
  }
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    if (options.memory || options.start) {
      if (options.memory) process.stdout.write(await measureMemory(options));
      if (options.start) process.stdout.write(await measureStart(options.rounds));
      return 0;
    }
    const results = await bench(options);
    process.stdout.write(resultsText(results));
    const folders = [options.out ?? join(root, 'test-results')];
    if (options.save) folders.push(join(root, 'docs', 'images'));
    for (const folder of folders) await write(results, folder);
    return 0;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

// Nothing that still runs is waited for.
process.exit(await main());
