import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const folder = fileURLToPath(new URL('../../../dist/package', import.meta.url));

/** The folder of the package a module belongs to, such as `node_modules/@scope/name`; undefined for our own. */
export function packageFolder(moduleId: string): string | undefined {
  const path = `/${moduleId.replaceAll('\\', '/').replace(/^\0/, '').replace(/\?.*$/, '')}`;
  const at = path.lastIndexOf('/node_modules/');
  if (at === -1) return undefined;
  // Packages within packages keep their place: there may be two versions of one.
  const start = path.indexOf('/node_modules/') + 1;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(path.slice(at + '/node_modules/'.length))?.[0];
  return name === undefined ? undefined : `${path.slice(start, at + '/node_modules/'.length)}${name}`;
}

/**
 * Writes down which packages a build has read: what is shipped is in the bundles, not in package.json. Packaging makes the
 * licences and the bill of materials from it.
 */
export function listShippedPackages(build: string): Plugin {
  return {
    name: 'sealane-shipped-packages',
    generateBundle(_options, bundle) {
      // Style sheets draw their fonts in without their becoming modules.
      const assets = Object.values(bundle).flatMap((file) =>
        file.type === 'asset' ? file.originalFileNames : [],
      );
      const folders = [...this.getModuleIds(), ...assets].flatMap((id) => packageFolder(id) ?? []);
      mkdirSync(folder, { recursive: true });
      const list = [...new Set(folders)].sort();
      writeFileSync(`${folder}/shipped-${build}.json`, `${JSON.stringify(list, null, 2)}\n`);
    },
  };
}
