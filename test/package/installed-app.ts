import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { Desktop } from '../support/desktop.ts';
import type { CleanRoot, Ran } from './clean-root.ts';

/** Where a deb puts the app. */
export const EXECUTABLE = '/opt/Sealane/sealane-desktop';

/** Installs a deb as an administrator would. Throws when dpkg is not content. */
export async function install(root: CleanRoot, deb: string): Promise<void> {
  const ran = await root.run(['dpkg', '--install', deb]);
  if (ran.code !== 0) throw new Error(`dpkg: ${ran.output}`);
}

/**
 * Opens the installed executable to Playwright, which needs the one fuse that no package has on. Everything else stays as
 * it was installed.
 */
export async function allowInspection(root: CleanRoot): Promise<void> {
  await flipFuses(root.path(EXECUTABLE), {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
}

/** Runs the command `sealane` as a user of a machine without a display. */
export function command(root: CleanRoot, user: string, args: readonly string[]): Promise<Ran> {
  return root.run(['env', '-u', 'DISPLAY', 'sealane', ...args], user);
}

/** Starts the installed app for a user, with Chromium's sandbox on; as root, who can have none, without. */
export async function startInstalled(root: CleanRoot, name: string, user?: string): Promise<Desktop> {
  const home = user === undefined ? '/root' : `/home/${user}`;
  const sandbox = user === undefined ? ['--no-sandbox'] : [];
  return await Desktop.launch({
    name,
    profile: `${home}/.config/Sealane`,
    downloads: `${home}/inbox`,
    scheme: 'light',
    executable: await root.launcher([EXECUTABLE, ...sandbox], user),
  });
}
