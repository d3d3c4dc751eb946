// The last step of a release, in a job of its own: plain Node and files of this repository, no package of others.
//
//   node test/tools/package/sign-release.ts FOLDER VERSION
//     holds everything in FOLDER against the digests in the environment (SEALANE_DIGESTS, lines of sha256sum from the jobs
//     that made the files), then writes update manifests, their signatures and SHA256SUMS. Without SEALANE_UPDATE_KEY
//     there are no manifests.
//   node test/tools/package/sign-release.ts --renew FOLDER TAG
//     holds the manifests in FOLDER, which has all files of a release, against that tag and those files, then signs them
//     anew, with a later expiry and nothing else changed.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { manifestName } from '../../../src-main/desktop/update/manifest-format.ts';
import { checksumList, digest } from './checksums.ts';
import { sourceDate } from './normalize.mjs';
import { expiry, makeManifest, renewManifest, signManifest } from './update-manifest.ts';

const LINE = /^([0-9a-f]{64}) [ *]([A-Za-z0-9][A-Za-z0-9._-]{0,199})$/;
/** electron-builder's words for systems and processors in the names of files, and Node's. */
const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', mac: 'darwin', win: 'win32' };
const ARCHS: Readonly<Record<string, string>> = {
  x64: 'x64',
  amd64: 'x64',
  x86_64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
  universal: 'universal',
};

/**
 * Holds a folder against a list: the same names, and the same content.
 *
 * @param digests lines of sha256sum
 * @returns the names, sorted
 * @throws Error when a file differs, is missing, or is not in the list
 */
export async function verifyArtifacts(folder: string, digests: string): Promise<readonly string[]> {
  const expected = new Map<string, string>();
  for (const line of digests.split(/\r?\n/).filter((each) => each !== '')) {
    const [, sum, name] = LINE.exec(line) ?? [];
    if (sum === undefined || name === undefined) throw new Error(`this is no digest: ${line}`);
    if (expected.has(name)) throw new Error(`${name} is listed twice`);
    expected.set(name, sum);
  }
  if (expected.size === 0) throw new Error('there is no digest to hold anything against');
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !expected.has(entry.name)) throw new Error(`${entry.name} is not in the list`);
  }
  for (const [name, sum] of expected) {
    const found = await digest(join(folder, name), 'sha256', 'hex').catch(() => 'missing');
    if (found !== sum) throw new Error(`${name} is not what was built: ${found}`);
  }
  return [...expected.keys()].sort();
}

interface Target {
  readonly platform: string;
  readonly arch: string;
}

/** What an installer is for, by its name; undefined for what lies beside the installers. */
function targetOf(name: string): Target | undefined {
  const [, os = '', arch = ''] =
    /-(linux|mac|win)-([a-z0-9_]+)(?:-setup|-portable)?\.[A-Za-z.]+$/.exec(name) ?? [];
  const platform = PLATFORMS[os];
  const processor = ARCHS[arch];
  return platform === undefined || processor === undefined ? undefined : { platform, arch: processor };
}

/** Node's name of the system a file is for: an installer's, or that of a bill of materials. */
function platformOf(name: string): string {
  const platform = targetOf(name)?.platform ?? /^sealane-([a-z0-9]+)\.cdx\.json$/.exec(name)?.[1];
  if (platform === undefined) throw new Error(`${name} is nothing that belongs to a release`);
  return platform;
}

interface Listed extends Target {
  readonly paths: readonly string[];
}

/**
 * The installers among `names`, by the name of the manifest that lists them.
 *
 * @throws Error when one is of another version
 */
function byManifest(folder: string, names: readonly string[], version: string): ReadonlyMap<string, Listed> {
  const listed = new Map<string, Listed>();
  for (const name of names) {
    const target = targetOf(name);
    if (target === undefined) continue;
    if (!name.startsWith(`sealane-${version}-`)) throw new Error(`${name} is not of version ${version}`);
    const key = manifestName(target.platform, target.arch);
    listed.set(key, { ...target, paths: [...(listed.get(key)?.paths ?? []), join(folder, name)] });
  }
  return listed;
}

/** Writes manifests and signatures for the installers, and the checksums of all. Gives the names of what was written. */
export async function signRelease(
  folder: string,
  names: readonly string[],
  about: { readonly version: string; readonly releaseDate: string; readonly expires: string },
  privateKey: string | undefined,
): Promise<readonly string[]> {
  const written: string[] = [];
  const targets = byManifest(folder, names, about.version);
  const listed = new Map<string, string[]>();
  for (const name of names) {
    const platform = platformOf(name);
    listed.set(platform, [...(listed.get(platform) ?? []), name]);
  }
  if (privateKey !== undefined) {
    for (const [file, { platform, arch, paths }] of targets) {
      const text = await makeManifest({ platform, arch, ...about }, paths);
      await writeFile(join(folder, file), text);
      await writeFile(join(folder, `${file}.sig`), `${signManifest(text, privateKey)}\n`);
      listed.get(platform)?.push(file);
      written.push(file, `${file}.sig`);
    }
  }
  for (const [platform, files] of listed) {
    const list = `SHA256SUMS-${platform}`;
    await writeFile(join(folder, list), await checksumList(files.map((name) => join(folder, name))));
    written.push(list);
  }
  return written.sort();
}

/**
 * Signs every manifest of a release anew. Each has to say what a manifest of this tag, this system, and these very files
 * says: one that the same key signed for an earlier release is not renewed under the tag of a later one.
 *
 * @param folder all files of the release, whose attestations have been verified for this tag
 * @returns the names of the manifests
 * @throws Error, before anything is written, when one manifest is missing, is not ours, or says something else
 */
export async function renewRelease(
  folder: string,
  tag: string,
  privateKey: string,
  expires: string,
): Promise<readonly string[]> {
  const version = /^v(\d+\.\d+\.\d+[A-Za-z0-9.-]*)$/.exec(tag)?.[1];
  if (version === undefined) throw new Error(`this is no tag of a release: ${tag}`);
  const names = (await readdir(folder)).sort();
  const isOfManifests = (name: string): boolean => name.startsWith('update-');
  const targets = byManifest(
    folder,
    names.filter((name) => !isOfManifests(name)),
    version,
  );
  const found = names.filter((name) => isOfManifests(name) && name.endsWith('.json'));
  if (found.length === 0) throw new Error('there is no manifest to renew');
  if (!isDeepStrictEqual(found, [...targets.keys()].sort()))
    throw new Error(`the manifests are not those of the files in the release: ${found.join(', ')}`);
  const renewed = new Map<string, string>();
  for (const [name, { platform, arch, paths }] of targets) {
    const path = join(folder, name);
    const signature = await readFile(`${path}.sig`, 'utf8');
    const text = renewManifest(await readFile(path, 'utf8'), signature, privateKey, expires);
    const says: unknown = JSON.parse(text);
    const releaseDate =
      typeof says === 'object' && says !== null && 'releaseDate' in says ? String(says.releaseDate) : '';
    const made = await makeManifest({ platform, arch, version, releaseDate, expires }, paths);
    if (!isDeepStrictEqual(says, JSON.parse(made)))
      throw new Error(`${name} is not the manifest of ${tag} and of its files: it is not renewed`);
    renewed.set(name, text);
  }
  for (const [name, text] of renewed) {
    await writeFile(join(folder, name), text);
    await writeFile(join(folder, `${name}.sig`), `${signManifest(text, privateKey)}\n`);
  }
  return found;
}

async function main([first = '', second = '', third = '']: readonly string[]): Promise<void> {
  const secret = process.env['SEALANE_UPDATE_KEY'];
  const key = secret === undefined || secret === '' ? undefined : secret;
  const expires = expiry(Date.now());
  if (first === '--renew') {
    if (key === undefined) throw new Error('there is no SEALANE_UPDATE_KEY to sign with');
    for (const name of await renewRelease(second, third, key, expires))
      console.log(`renewed until ${expires}: ${name}`);
    return;
  }
  if (!/^\d+\.\d+\.\d+/.test(second)) throw new Error('usage: sign-release.ts FOLDER VERSION');
  const names = await verifyArtifacts(first, process.env['SEALANE_DIGESTS'] ?? '');
  const releaseDate = new Date(sourceDate() * 1000).toISOString();
  const about = { version: second, releaseDate, expires };
  if (key === undefined) console.log('there is no SEALANE_UPDATE_KEY: no app will be told of this release');
  for (const name of await signRelease(first, names, about, key)) console.log(`wrote ${name}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(`sign-release: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
