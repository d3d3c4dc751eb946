import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { build } from 'vite';
import { z } from 'zod';
import { electronExecutable } from '../tools/electron-runtime.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Below node_modules, so that the native binding, which no bundle holds, is found from there.
const outDir = join(root, 'node_modules', '.cache', 'sealane', 'crypto-check');

const reportSchema = z.strictObject({
  runtime: z.string(),
  checked: z.number(),
  failed: z.array(z.string()),
});

async function run(program: string, env: NodeJS.ProcessEnv = {}): Promise<z.infer<typeof reportSchema>> {
  const { stdout } = await promisify(execFile)(program, [join(outDir, 'crypto-check.mjs')], {
    env: { ...process.env, ...env },
  });
  return reportSchema.parse(JSON.parse(stdout));
}

test.beforeAll(async () => {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
    ssr: { noExternal: true, external: ['sodium-native'] },
    build: {
      ssr: 'test/tools/crypto-check.ts',
      target: 'node20',
      outDir,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
  });
});

test('keys, invites, codes and the seal are the same in Electron, bundled as in the app', async () => {
  const { path } = await electronExecutable();
  const report = await run(path, { ELECTRON_RUN_AS_NODE: '1' });
  expect(report.failed).toEqual([]);
  expect(report.runtime).toMatch(/^electron v/);
  expect(report.checked).toBeGreaterThan(200);
});

test('and in Node', async () => {
  const report = await run(process.execPath);
  expect(report.failed).toEqual([]);
  expect(report.runtime).toMatch(/^node v/);
  expect(report.checked).toBeGreaterThan(200);
});
