import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root } from '../tools/paths.mjs';
import { run } from '../tools/process.mjs';

/** What all tests of packages work on, made once: the version that is, and the next one. */
export interface MadePackages {
  /** All packages of the version that is. */
  readonly current: string;
  /** The next version, as a deb. */
  readonly next: string;
  readonly nextVersion: string;
  /** Where the installed app will look for updates. */
  readonly updatePort: number;
  /** Of the pair whose public half is in the packages; base64 of PKCS #8. */
  readonly updateKey: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    packages: MadePackages;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function makePackages(args: readonly string[], updateKey: string): Promise<void> {
  const program = join(root, 'test', 'tools', 'package', 'package.ts');
  const { code, output } = await run(process.execPath, [program, '--dev-runtime', ...args], {
    cwd: root,
    quiet: true,
    env: { ...process.env, SEALANE_UPDATE_KEY: updateKey },
  });
  if (code !== 0) throw new Error(`packaging failed:\n${output}`);
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sealane-packages-'));
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const updateKey = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  const trusted = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const updatePort = await freePort();
  const update = [`--update-url=http://127.0.0.1:${updatePort}/`, `--update-key=${trusted}`];
  const made: MadePackages = {
    current: join(folder, 'current'),
    next: join(folder, 'next'),
    nextVersion: '99.0.0',
    updatePort,
    updateKey,
  };
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await makePackages([`--out=${made.current}`, ...update], updateKey);
    const next = [`--out=${made.next}`, `--version=${made.nextVersion}`, '--no-build', ...update, 'deb'];
    await makePackages(next, updateKey);
  } catch (error) {
    await remove();
    throw error;
  }
  project.provide('packages', made);
  return remove;
}
