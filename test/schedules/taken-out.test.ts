import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

/** What these schedules are worth: in a copy of the program, one check is taken out, and they find what it keeps from happening. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['src-main', 'shared', 'test/support', 'test/schedules', 'package.json', 'vitest.config.ts'];

let copy: string | undefined;
afterEach(async () => {
  if (copy !== undefined) await rm(copy, { recursive: true, force: true });
});

interface TakenOut {
  readonly file: string;
  /** Each text of the file that is replaced, and by what. */
  readonly changes: readonly (readonly [text: string, by: string])[];
  /** The schedules that must fail then, and the sentence that they must say. */
  readonly test: string;
  readonly title: string;
  readonly finds: RegExp;
  /** Which waits are tried; by default as many of all as the test tries. */
  readonly at?: string;
}

const TAKEN_OUT: readonly (readonly [string, TakenOut])[] = [
  [
    'Consent.permit lets every offer pass: what is received was never agreed to',
    {
      file: 'src-main/engine/transfer/consent.ts',
      changes: [['if (!isPermitted) throw', 'if (!isPermitted && process.pid === 0) throw']],
      test: 'test/schedules/consent.test.ts',
      title: 'of another name',
      finds: /the yes was to letter\.txt, 10 bytes; accepted was letter\.desktop/,
    },
  ],
  [
    'a device is looked up before the last wait, and not after it: a forgotten one is accepted',
    {
      file: 'src-main/engine/transfer/offers.ts',
      changes: [
        [
          `    const record =
      earlier === undefined
        ? this.#turnedAway.watch(device, offer.transfer, () => this.#admit(device, false))
        : this.#admit(device, true);
`,
          '',
        ],
        [
          '      const earlier = await loadJob(store, claim);\n',
          '      const record = this.#admit(device, false);\n      const earlier = await loadJob(store, claim);\n',
        ],
        ['claim, earlier });\n', 'claim, earlier, record });\n'],
        ['claim, earlier }: ClaimedOffer', 'claim, earlier, record }: ClaimedOffer'],
      ],
      test: 'test/schedules/trust.test.ts',
      title: 'by the receiver, at any moment of its offer',
      at: 'job|of a transfer',
      finds: /the receiver has forgotten, and then: send accept/,
    },
  ],
];

describe('with a check taken out', { timeout: 600_000 }, () => {
  it.each(TAKEN_OUT)('%s', async (_what, { file, changes, test, title, finds, at = '' }) => {
    const folder = await mkdtemp(join(tmpdir(), 'sealane-taken-out-'));
    copy = folder;
    for (const each of COPIED) await cp(join(root, each), join(folder, each), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    let program = await readFile(join(folder, file), 'utf8');
    for (const [before, after] of changes) {
      expect(program.split(before), `${file} has the check that is taken out, once`).toHaveLength(2);
      program = program.replace(before, after);
    }
    await writeFile(join(folder, file), program);
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    // What this run of the tests has set for its own processes is none of that one's business.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(VITEST|SEALANE)/.test(name)),
    );
    const child = spawn(process.execPath, [vitest, 'run', test, '-t', title], {
      cwd: folder,
      env: { ...env, SEALANE_SCHEDULES_AT: at },
    });
    const said = (await Promise.all([text(child.stdout), text(child.stderr)])).join('\n');
    expect(said).toMatch(finds);
    const number = /(\d+) of (\d+) schedules fail, the first was number (\d+)/.exec(said);
    process.stdout.write(`schedules: with a check taken out, ${number?.[0] ?? 'none fails'}\n`);
  });
});
