import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { electronExecutable } from '../tools/electron-runtime.mjs';
import { verifyRuntime } from '../tools/package/runtime.ts';
import { root } from '../tools/paths.mjs';
import { run } from '../tools/process.mjs';

/** A release is made of the official runtime or not at all. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-refusal-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const checksums = async (): Promise<unknown> =>
  JSON.parse(await readFile(join(root, 'node_modules/electron/checksums.json'), 'utf8'));
const version = async (): Promise<string> => {
  const manifest: unknown = JSON.parse(
    await readFile(join(root, 'node_modules/electron/package.json'), 'utf8'),
  );
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
};

describe('an archive', () => {
  it('that has the name of the official one and another content is refused', async () => {
    const archive = join(folder, `electron-v${await version()}-linux-x64.zip`);
    await writeFile(archive, 'another runtime');
    await expect(verifyRuntime(archive, await checksums())).rejects.toThrow(
      /not the official Electron runtime/,
    );
  });

  it('that the electron package does not know is refused', async () => {
    const archive = join(folder, 'electron-v33.4.11-linux-x64.zip');
    await writeFile(archive, 'another runtime');
    await expect(verifyRuntime(archive, await checksums())).rejects.toThrow(
      /not a runtime that the electron package knows/,
    );
  });
});

it('packaging for release takes no other runtime, wherever one is offered', async () => {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('a runtime of somebody else');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const other = (await electronExecutable()).path;
  try {
    const out = join(folder, 'out');
    const program = join(root, 'test', 'tools', 'package', 'package.ts');
    const { code, output } = await run(process.execPath, [program, `--out=${out}`, '--no-build'], {
      cwd: root,
      quiet: true,
      env: {
        ...process.env,
        ELECTRON_OVERRIDE_DIST_PATH: join(other, '..'),
        ELECTRON_MIRROR: `http://127.0.0.1:${port}/`,
        electron_config_cache: join(folder, 'cache'),
      },
    });
    expect(output).toMatch(/^sealane: .*the official Electron|^sealane: .*no other is packaged/m);
    expect(code).toBe(1);
    expect(asked.length).toBeGreaterThan(0);
    await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
  } finally {
    server.close();
  }
});
