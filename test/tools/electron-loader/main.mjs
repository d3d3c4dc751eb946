// Stands in for Electron's own default app, which the fallback runtime lacks: `electron [-r MODULE] PATH [ARGS]`.
// It lies in the runtime's resources/app. The await at the end keeps Electron from being `ready` before the
// application's main module has run, which is what privileged schemes and the single-instance lock rely on.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app as electronApp } from 'electron';

/**
 * What the default app uses of Electron without being in its documentation.
 *
 * @typedef {object} Internals
 * @property {(path: string) => void} setAppPath
 * @property {(version: string) => void} setVersion
 */
const app = /** @type {import('electron').App & Internals} */ (electronApp);

const require = createRequire(join(process.cwd(), 'electron-loader.cjs'));

/**
 * @param {readonly string[]} args everything after the executable
 * @returns {{ version: boolean, required: string[], path: string | undefined }}
 */
function parse(args) {
  /** @type {string[]} */
  const required = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--version' || arg === '-v') return { version: true, required, path: undefined };
    if (arg === '-r' || arg === '--require') {
      index += 1;
      required.push(args[index] ?? '');
    } else if (!arg.startsWith('-')) {
      return { version: false, required, path: resolve(arg) };
    }
  }
  return { version: false, required, path: undefined };
}

/**
 * The file to run and the folder it belongs to, with name and version taken over from its package.json.
 *
 * @param {string} path a folder or a file
 */
function adopt(path) {
  if (!existsSync(path)) throw new Error(`There is no application at ${path}`);
  if (statSync(path).isFile()) {
    app.setAppPath(dirname(path));
    return path;
  }
  /** @type {{ main?: string, name?: string, productName?: string, version?: string, desktopName?: string }} */
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const name = manifest.productName ?? manifest.name;
  if (name !== undefined) app.setName(name);
  if (manifest.version !== undefined) app.setVersion(manifest.version);
  if (process.platform === 'linux') app.setDesktopName(manifest.desktopName ?? `${app.getName()}.desktop`);
  app.setAppPath(path);
  return join(path, manifest.main ?? 'index.js');
}

const { version, required, path } = parse(process.argv.slice(1));
if (version) {
  process.stdout.write(`v${process.versions.electron}\n`);
  process.exit(0);
}
if (path === undefined) {
  process.stderr.write('usage: electron [-r MODULE] PATH [ARGUMENT...]\n');
  process.exit(1);
}
Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
try {
  for (const module of required) require(module);
  await import(pathToFileURL(adopt(path)).href);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
