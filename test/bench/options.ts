import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.ts';
import { LANE_KEYS } from './lanes/lane.ts';
import type { LaneKey } from './lanes/lane.ts';
import { WORK_KEYS } from './works.ts';
import type { WorkKey } from './works.ts';

export interface BenchOptions {
  readonly quick: boolean;
  readonly save: boolean;
  /** Measure memory alone, or the start of the app alone. */
  readonly memory: boolean;
  readonly start: boolean;
  readonly rounds: number;
  readonly lanes: readonly LaneKey[];
  readonly works: readonly WorkKey[];
  readonly out: string | undefined;
  readonly help: boolean;
}

export const HELP = `Sealane beside other tools: process to process on this machine, from memory to memory, in turns.

Usage: npm run bench [-- OPTIONS]

  --install       get the other tools that Debian has first: openssh-server, rsync, magic-wormhole with its servers,
                  wormhole-william; as root or with sudo
  --rounds N      how often each is measured (default 3); they take turns
  --only A,B      of ${LANE_KEYS.join(', ')}
  --work A,B      of ${WORK_KEYS.join(', ')}
  --quick         small sizes, once each: shows that the benchmark works, and no more
  --out DIR       where bench.json and bench.svg go (default: test-results)
  --save          into docs/images as well, for the README
  --memory        instead of all that: what each side holds in memory for 1 GiB, 32 GiB and 200,000 files; on the disk of
                  the temporary folder (TMPDIR), which needs 33 GiB
  --start         instead of all that: how long the app takes to a page that is drawn
  --help          show this

It needs about 9 GB of free memory in /dev/shm, and nothing else at work on the machine.
`;

const DEFAULT_ROUNDS = 3;

/** Reads the command line. Throws BenchError. */
export function readOptions(args: readonly string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
        memory: { type: 'boolean', default: false },
        start: { type: 'boolean', default: false },
        // Taken care of before this program runs.
        install: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string' },
        work: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const rounds = Number(values.rounds ?? (values.quick ? 1 : DEFAULT_ROUNDS));
    if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds wants a number from 1');
    return {
      ...values,
      rounds,
      lanes: listed(values.only, LANE_KEYS),
      works: listed(values.work, WORK_KEYS),
      out: values.out,
    };
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new BenchError(`${reason}.\nnpm run bench -- --help shows what it understands.`, 2);
  }
}

function listed<Key extends string>(text: string | undefined, all: readonly Key[]): readonly Key[] {
  if (text === undefined) return all;
  const wanted = text.split(',');
  for (const name of wanted) {
    if (!all.some((key) => key === name)) throw new RangeError(`${name} is none of ${all.join(', ')}`);
  }
  return all.filter((key) => wanted.includes(key));
}
