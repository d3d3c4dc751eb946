import { generateKeyPairSync, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { artifactsIn } from '../tools/package/companions.ts';
import { signRelease } from '../tools/package/sign-release.ts';
import { expiry } from '../tools/package/update-manifest.ts';
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

/**
 * A port that stays free for the minutes that packaging takes: below those that a system gives out for
 * port 0, which is what other tests ask for.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false);
      });
      server.listen(port, '127.0.0.1', () => {
        resolve(true);
      });
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

async function makePackages(args: readonly string[]): Promise<void> {
  const program = join(root, 'test', 'tools', 'package', 'package.ts');
  const { code, output } = await run(process.execPath, [program, '--dev-runtime', ...args], {
    cwd: root,
    quiet: true,
  });
  if (code !== 0) throw new Error(`packaging failed:\n${output}`);
}

/** What the job that signs a release does, with the installers of the next version. */
async function signNext({ next, nextVersion, updateKey }: MadePackages): Promise<void> {
  const now = Date.now();
  const names = (await artifactsIn(next)).map((path) => basename(path));
  const about = { version: nextVersion, releaseDate: new Date(now).toISOString(), expires: expiry(now) };
  await signRelease(next, names, about, updateKey);
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
    await makePackages([`--out=${made.current}`, ...update]);
    const next = [`--out=${made.next}`, `--version=${made.nextVersion}`, '--no-build', ...update, 'deb'];
    await makePackages(next);
    await signNext(made);
  } catch (error) {
    await remove();
    throw error;
  }
  project.provide('packages', made);
  return remove;
}
