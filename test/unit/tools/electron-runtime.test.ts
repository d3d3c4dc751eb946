import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLinuxRoot } from '../../tools/ordinary-user.mjs';
import { root } from '../../tools/paths.mjs';

/** What set-up does for Chromium's sandbox: a real process, for which there are no user namespaces. */

let folder: string;
let helper: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-runtime-'));
  helper = join(folder, 'chrome-sandbox');
  await writeFile(helper, '');
  await chmod(helper, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Runs `ensureSandbox` where no program is found that could make a namespace, or become root. */
function ensure(kind: 'official' | 'fallback'): Promise<{ printed: string; errors: string }> {
  const from = pathToFileURL(join(root, 'test', 'tools', 'electron-runtime.mjs')).href;
  const runtime = JSON.stringify({ kind, path: join(folder, 'electron') });
  const script = `
    const { ensureSandbox } = await import(${JSON.stringify(from)});
    console.log(await ensureSandbox(${runtime}));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve) => {
    child.once('close', () => {
      resolve({ printed: printed.trim(), errors });
    });
  });
}

const mode = async (): Promise<number> => (await stat(helper)).mode & 0o7777;

describe.runIf(process.platform === 'linux')('where the system has no user namespaces', () => {
  it('the helper of the fallback is never made setuid root, and one line says what it runs without', async () => {
    const { printed, errors } = await ensure('fallback');
    expect(await mode()).toBe(0o755);
    expect(printed).toBe('false');
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).toContain('--no-sandbox');
  });

  it('the helper of the official runtime is made setuid root by root, and by nobody else', async () => {
    const { printed, errors } = await ensure('official');
    expect(await mode()).toBe(isLinuxRoot() ? 0o4755 : 0o755);
    expect(printed).toBe(isLinuxRoot() ? 'true' : '');
    if (!isLinuxRoot()) expect(errors).toContain('as root, run');
  });
});
