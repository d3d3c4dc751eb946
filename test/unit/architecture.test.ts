import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');

const Report = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
    ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string() })) }),
  }),
});

/** Runs the same tool with the same configuration as `npm run deps`. */
async function cruise(folder: string): Promise<z.infer<typeof Report>['summary']> {
  const args = [depcruise, '--config', 'dependency-cruiser.config.mjs', '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, 'src-main', 'src-renderer', 'shared', 'test'],
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  );
  return Report.parse(JSON.parse(stdout)).summary;
}

interface Breach {
  readonly rule: string;
  readonly file: string;
  readonly imports: string;
}

/** One broken example for each rule, and for each way of breaking it that matters. */
const breaches: readonly Breach[] = [
  { rule: 'shared-is-pure', file: 'shared/node.ts', imports: 'node:fs' },
  { rule: 'shared-is-pure', file: 'shared/electron.ts', imports: 'electron' },
  { rule: 'shared-is-pure', file: 'shared/react.ts', imports: 'react' },
  { rule: 'shared-is-pure', file: 'shared/engine.ts', imports: '../src-main/engine/index.ts' },
  { rule: 'page-knows-only-shared', file: 'src-renderer/node.ts', imports: 'node:path' },
  { rule: 'page-knows-only-shared', file: 'src-renderer/electron.ts', imports: 'electron' },
  { rule: 'page-knows-only-shared', file: 'src-renderer/engine.ts', imports: '../src-main/engine/index.ts' },
  { rule: 'electron-only-in-desktop', file: 'src-main/engine/electron.ts', imports: 'electron' },
  { rule: 'electron-only-in-desktop', file: 'src-main/workers/electron.ts', imports: 'electron' },
  { rule: 'electron-only-in-desktop', file: 'src-main/cli/electron.ts', imports: 'electron' },
  { rule: 'engine-below-its-callers', file: 'src-main/engine/up.ts', imports: '../cli/fine.ts' },
  { rule: 'engine-below-its-callers', file: 'src-main/workers/up.ts', imports: '../desktop/fine.ts' },
  { rule: 'engine-front-door', file: 'src-main/cli/window.ts', imports: '../engine/inner/store.ts' },
  { rule: 'engine-front-door', file: 'src-main/desktop/window.ts', imports: '../engine/inner/store.ts' },
  { rule: 'engine-front-door', file: 'src-main/desktop/worker.ts', imports: '../workers/fine.ts' },
  { rule: 'callers-apart', file: 'src-main/cli/sideways.ts', imports: '../desktop/fine.ts' },
  { rule: 'preload-is-thin', file: 'src-main/desktop/preload.ts', imports: 'node:os' },
  { rule: 'main-without-page', file: 'src-main/desktop/page.ts', imports: '../../src-renderer/fine.ts' },
  { rule: 'no-test-in-production', file: 'src-main/engine/test.ts', imports: '../../test/fine.ts' },
  {
    rule: 'second-implementation-stands-alone',
    file: 'test/second-implementation/product.mjs',
    imports: '../../src-main/engine/inner/store.ts',
  },
  {
    rule: 'second-implementation-stands-alone',
    file: 'test/second-implementation/same.mjs',
    imports: 'node:crypto',
  },
  { rule: 'no-development-dependency', file: 'src-main/engine/dev.ts', imports: 'vitest' },
  { rule: 'no-development-dependency', file: 'src-main/engine/stray.ts', imports: 'unlisted' },
  { rule: 'no-cycle', file: 'src-main/engine/chicken.ts', imports: './egg.ts' },
  { rule: 'no-unknown-import', file: 'src-main/engine/nowhere.ts', imports: './does-not-exist.ts' },
];

/** What the rules must leave alone, each with what it imports. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'shared/fine.ts': ['zod'],
  'src-renderer/fine.ts': ['react', 'zod', '../shared/fine.ts'],
  'src-main/engine/index.ts': ['node:fs', 'zod', './inner/store.ts', '../../shared/fine.ts'],
  'src-main/engine/inner/store.ts': ['node:fs'],
  'src-main/engine/egg.ts': ['./chicken.ts'],
  'src-main/workers/fine.ts': ['node:worker_threads', '../engine/inner/store.ts'],
  'src-main/cli/fine.ts': ['../engine/index.ts', '../../shared/fine.ts'],
  'src-main/desktop/fine.ts': ['electron', '../engine/index.ts'],
  'test/second-implementation/fine.mjs': ['node:tls', 'node:fs/promises'],
  'test/fine.ts': ['vitest', '../src-main/engine/inner/store.ts', '../src-main/desktop/fine.ts'],
};

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const importing = (modules: readonly string[]): string =>
  `${modules.map((name, index) => `import * as m${index} from '${name}';`).join('\n')}\nexport const used = [${modules
    .map((_, index) => `m${index}`)
    .join(', ')}];\n`;

/** A whole little project that breaks every rule, with stand-ins for the packages. */
async function layOut(folder: string): Promise<void> {
  for (const name of ['dependency-cruiser.config.mjs', 'tsconfig.node.json', 'tsconfig.base.json']) {
    await copyFile(join(root, name), join(folder, name));
  }
  const manifest = {
    type: 'module',
    dependencies: { zod: '1' },
    devDependencies: { electron: '1', react: '1', vitest: '1' },
  };
  await put(join(folder, 'package.json'), JSON.stringify(manifest));
  for (const name of ['zod', 'electron', 'react', 'vitest', 'unlisted']) {
    await put(
      join(folder, 'node_modules', name, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    );
    await put(join(folder, 'node_modules', name, 'index.js'), 'module.exports = {};\n');
  }
  for (const [file, modules] of Object.entries(allowed)) await put(join(folder, file), importing(modules));
  for (const { file, imports } of breaches) await put(join(folder, file), importing([imports]));
}

describe('the top level', () => {
  it('has the folders that were agreed, and nothing beside them but what tools make', async () => {
    const agreed = ['docs', 'shared', 'src-main', 'src-renderer', 'test'];
    const made = ['node_modules', 'dist', 'out', 'test-results', 'coverage'];
    const entries = await readdir(root, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.filter((name) => !name.startsWith('.') && ![...agreed, ...made].includes(name))).toEqual(
      [],
    );
  });
});

describe('the import rules', () => {
  it('hold for the code as it is', async () => {
    const summary = await cruise(root);
    expect(summary.totalCruised).toBeGreaterThan(0);
    expect(summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} imports ${to}`)).toEqual([]);
  });

  describe('bite', () => {
    let folder = '';
    let found: z.infer<typeof Report>['summary'];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sealane-architecture-'));
      await layOut(folder);
      found = await cruise(folder);
    });
    afterAll(async () => {
      await rm(folder, { recursive: true, force: true });
    });

    it.each(breaches)('$rule: $file may not import $imports', ({ rule, file }) => {
      expect(
        found.violations.filter(({ from }) => from === file).map((violation) => violation.rule.name),
      ).toContain(rule);
    });

    it('and leave alone what is allowed', () => {
      const blamed = found.violations.filter(({ from, rule }) => from in allowed && rule.name !== 'no-cycle');
      expect(blamed).toEqual([]);
    });

    it('each has a broken example', () => {
      const rules = found.ruleSetUsed.forbidden.map(({ name }) => name);
      expect([...new Set(breaches.map(({ rule }) => rule))].sort()).toEqual(rules.sort());
    });
  });
});
