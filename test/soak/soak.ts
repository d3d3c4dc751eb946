// `npm run soak`: random transfers with random faults between two devices on this computer, until the time is up.
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../tools/paths.mjs';
import { canMount } from '../support/small-disk.ts';
import { soak } from './run.ts';
import type { StepResult } from './step.ts';
import { megabytes, tallyText } from './tally.ts';

const HELP = `Random transfers between two devices on this computer, by the real command, and random faults over them: processes
that are killed, lines that break, disks that fill up, files that change. After each both sides are compared.

Usage: npm run soak [-- OPTIONS]

  --minutes N   how long transfers are begun (default 20)
  --seed S      a whole number; the same does the same, as far as the machine lets it (default: another one each time)
  --step K      only this one of them: to see a failure again
  --pairs P     so many pairs of devices at the same time (default 2)
  --help        show this

It ends with 0 if nothing was lost and nothing else went wrong, else with 1. The figures are in test-results/soak.json as well.
Full disks are made by root only.
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      step: { type: 'string' },
      pairs: { type: 'string', default: '2' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const number = (name: string, text: string, least: number, isWhole: boolean) => {
    const value = Number(text);
    if (!(value >= least) || (isWhole && !Number.isInteger(value)))
      throw new RangeError(`--${name} wants a ${isWhole ? 'whole number' : 'number'} from ${least}`);
    return value;
  };
  return {
    help: values.help,
    ms: number('minutes', values.minutes, 0, false) * 60_000,
    seed: number('seed', values.seed, 0, true),
    step: values.step === undefined ? undefined : number('step', values.step, 0, true),
    pairs: number('pairs', values.pairs, 1, true),
  };
}

function line({ step, sender, kind, files, bytes, faults, seconds, failure }: StepResult): string {
  const what = `${sender} sends ${kind}: ${files} files, ${megabytes(bytes)}`;
  const how = faults.length === 0 ? 'nothing happens' : faults.join(', ');
  return `#${step} ${what}; ${how}; ${seconds.toFixed(1)} s; ${failure === undefined ? 'ok' : 'FAILED'}`;
}

async function main(): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      interrupted.abort();
    });
  }
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { seed } = options;
  process.stdout.write(`seed ${seed}${canMount ? '' : '; not root: no disk is filled'}\n`);
  const tally = await soak({
    ...options,
    onResult: (result) => {
      process.stdout.write(`${line(result)}\n`);
      if (result.failure === undefined) return;
      process.stdout.write(`  ${result.failure.message}\n`);
      process.stdout.write(`  again: npm run soak -- --seed ${seed} --step ${result.step}\n`);
    },
    signal: interrupted.signal,
  });
  await mkdir(join(root, 'test-results'), { recursive: true });
  await writeFile(join(root, 'test-results', 'soak.json'), `${JSON.stringify(tally, undefined, 2)}\n`);
  process.stdout.write(`\n${tallyText(tally)}`);
  if (interrupted.signal.aborted) return 130;
  return tally.failures.length === 0 ? 0 : 1;
}

// Nothing that still runs is waited for.
process.exit(await main());
