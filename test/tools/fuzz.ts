// `npm run fuzz [-- --seconds N] [-- --seed N]`: the properties of test/fuzz with ever new seeds, until the time is over or one
// fails. Each round says its seed first; with --seed it is that one, once.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './paths.mjs';
import { handOnSignals, run } from './process.mjs';

/** In each round, how many times as many cases as in the test run. */
const FACTOR = 10;

function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} wants a whole number`);
  return Number(text);
}

/** How long one property may go on in a round, in milliseconds. */
const TURN_MS = 15_000;

async function round(seed: number, until: number, turn: number): Promise<number> {
  process.stdout.write(`fuzz: seed ${seed}\n`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = {
    ...process.env,
    SEALANE_FUZZ_SEED: String(seed),
    SEALANE_FUZZ_FACTOR: String(FACTOR),
    SEALANE_FUZZ_UNTIL: String(until),
    SEALANE_FUZZ_TURN: String(turn),
  };
  // A property goes on for as long as it is given; only the time for all of them together is bounded.
  const args = [vitest, 'run', 'test/fuzz', '--reporter=dot', '--testTimeout=0', '--no-file-parallelism'];
  const { code } = await run(process.execPath, args, { cwd: root, env });
  return code;
}

handOnSignals();
const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = wholeNumber(values.seconds, '--seconds');
const seed = wholeNumber(values.seed, '--seed');
const until = seconds === undefined ? Infinity : Date.now() + seconds * 1000;
let rounds = 0;
for (;;) {
  const used = seed ?? randomInt(2 ** 31);
  // A seed that is given is one that failed: it goes as far as it takes to fail again.
  const code = await round(used, until, seed === undefined ? TURN_MS : Infinity);
  rounds += 1;
  if (code !== 0) {
    process.stdout.write(`fuzz: failed; once more with: npm run fuzz -- --seed ${used}\n`);
    process.exitCode = 1;
    break;
  }
  if (seed !== undefined || Date.now() >= until) break;
}
if (process.exitCode !== 1) process.stdout.write(`fuzz: ${rounds} rounds, nothing found\n`);
