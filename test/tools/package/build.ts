import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { path7za } from '7zip-bin';
import { build, type AfterPackContext, type Configuration } from 'electron-builder';
import { root } from '../paths.mjs';
import { plainGzip } from './gzip.ts';
import { normalizeTree } from './normalize.mjs';
import type { PackagedRuntime } from './runtime.ts';

export interface BuildOptions {
  readonly runtime: PackagedRuntime;
  /** Where the artifacts go. Absolute. */
  readonly out: string;
  /** electron-builder's names; `dir` is the application's folder alone. */
  readonly targets: readonly string[];
  readonly version?: string;
  /** Where the app looks for updates, and whose signature it trusts. Without it the app never looks. */
  readonly update?: { readonly url: string; readonly keys: readonly string[] };
}

/** All installers of a system; with the development runtime those that need no download. */
export function targetsOf(platform: NodeJS.Platform, development: boolean): readonly string[] {
  if (platform === 'win32') return ['nsis', 'portable'];
  if (platform === 'darwin') return ['dmg', 'zip'];
  return development ? ['tar.gz', 'deb', 'rpm'] : ['AppImage', 'tar.gz', 'deb', 'rpm'];
}

/** The runtime's own leavings, which electron-builder removes only from what it has downloaded itself. */
async function settle({ appOutDir, electronPlatformName, packager }: AfterPackContext): Promise<void> {
  const resources = packager.getResourcesDir(appOutDir);
  const strangers = [join(resources, 'default_app.asar'), join(resources, 'app'), join(appOutDir, 'version')];
  for (const path of [...strangers, join(appOutDir, '.complete')]) {
    await rm(path, { recursive: true, force: true });
  }
  if (electronPlatformName === 'linux') await writeFile(join(resources, 'app-update.yml'), updaterNote);
}

/** What electron-updater wants on the disk: the name of its folder below the user's cache. */
const updaterNote = 'updaterCacheDirName: sealane-updater\n';

function configuration({ runtime, out, version, update }: BuildOptions): Configuration {
  const development = runtime.kind === 'development';
  const metadata = {
    ...(version === undefined ? {} : { version }),
    ...(update === undefined ? {} : { update }),
  };
  return {
    extends: 'electron-builder.yml',
    directories: { output: out },
    electronDist: runtime.dist,
    electronVersion: runtime.version,
    extraMetadata: metadata,
    afterPack: settle,
    // What is made from the development runtime says so wherever it goes.
    ...(development
      ? {
          artifactName: 'sealane-${version}-devruntime-${os}-${arch}.${ext}',
          deb: { compression: 'gz' },
          rpm: { compression: 'gzip' as const },
        }
      : {}),
  };
}

/**
 * Builds the installers, one after the other from one and the same folder: what an installer adds for itself to that folder
 * must not get into the next.
 */
export async function buildInstallers(options: BuildOptions): Promise<void> {
  const development = options.runtime.kind === 'development';
  process.env['CUSTOM_FPM_PATH'] = join(root, 'test', 'tools', 'package', 'fpm.mjs');
  // It is published without its run bit.
  await chmod(path7za, 0o755);
  process.env['ELECTRON_BUILDER_7ZIP_PATH'] = path7za;
  if (development) process.env['ELECTRON_BUILDER_COMPRESSION_LEVEL'] = '1';
  const config = configuration(options);
  if (process.platform !== 'linux') {
    await build({
      config,
      publish: 'never',
      [process.platform === 'win32' ? 'win' : 'mac']: [...options.targets],
    });
    return;
  }
  await build({ config, publish: 'never', linux: ['dir'] });
  const folder = join(options.out, 'linux-unpacked');
  const resources = join(folder, 'resources');
  await normalizeTree(folder);
  for (const target of options.targets.filter((each) => each !== 'dir')) {
    if (target === 'deb' || target === 'rpm') await writeFile(join(resources, 'package-type'), target);
    await normalizeTree(folder);
    const made = await build({ config, publish: 'never', prepackaged: folder, linux: [target] });
    for (const path of made) if (path.endsWith('.tar.gz')) await plainGzip(path);
    for (const name of ['package-type', 'apparmor-profile']) await rm(join(resources, name), { force: true });
  }
  await normalizeTree(folder);
}
