import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process.mjs';
import { filesIn } from './deb.mjs';

/**
 * The spec file. Nothing is compiled: the files are as they are, without stripping, byte-compiling or searching them for
 * what they need, which differs between the distributions.
 *
 * @param {import('./fpm.mjs').PackageRequest} request
 * @param {readonly string[]} folders absolute paths of folders it owns, without what is in them
 * @param {readonly string[]} files absolute paths of what the package owns; a folder stands for what is in it
 * @param {{ post: string, postun: string }} scripts
 */
export const specOf = (request, folders, files, { post, postun }) => `
Name: ${request.name}
Version: ${request.version}
Release: 1
Summary: ${request.summary}
License: ${request.license}
Vendor: ${request.vendor}
Packager: ${request.maintainer}
URL: ${request.url}
Group: ${request.category}
AutoReqProv: no
${request.depends.map((need) => `Requires: ${need}\n`).join('')}
%description
${request.description.trim()}

%post
${post}
%postun
${postun}
%files
%defattr(-,root,root,-)
${folders.map((folder) => `%dir "${folder}"\n`).join('')}${files.map((file) => `"${file}"\n`).join('')}
`;

/** Folders that every system with this kind of package has; all others are removed with the last that lay in them. */
const systemFolders = new Set([
  'usr',
  'usr/bin',
  'usr/share',
  'usr/share/applications',
  'usr/share/doc',
  'usr/share/icons',
  'usr/share/icons/hicolor',
]);

/**
 * The folders around these files that the package answers for, each once, the outer ones first.
 *
 * @param {readonly string[]} files
 */
export function ownFolders(files) {
  const folders = new Set(
    files.flatMap((file) => {
      const steps = file.split('/').slice(0, -1);
      return steps.map((_step, index) => steps.slice(0, index + 1).join('/'));
    }),
  );
  return [...folders].filter((folder) => !systemFolders.has(folder)).sort();
}

/** electron-builder names the machines as Debian does. */
const machines = new Map([
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
]);

/**
 * @param {import('./fpm.mjs').PackageRequest} request
 * @param {string} tree the files as they will lie
 * @param {string} work an own folder for what rpmbuild leaves
 */
export async function buildRpm(request, tree, work) {
  const script = async (/** @type {string} */ file) =>
    (await readFile(file, 'utf8')).replace(/^#!.*\n/, '').replaceAll('%', '%%');
  const outside = (await filesIn(tree)).filter((file) => !file.startsWith('opt/'));
  const own = (await readdir(join(tree, 'opt'))).map((name) => `/opt/${name}`);
  const spec = join(work, 'package.spec');
  await writeFile(
    spec,
    specOf(
      request,
      ownFolders(outside).map((folder) => `/${folder}`),
      [...own, ...outside.map((file) => `/${file}`)],
      {
        post: await script(request.afterInstall),
        postun: await script(request.afterRemove),
      },
    ),
  );
  const top = join(work, 'rpm');
  await mkdir(top, { recursive: true });
  const macros = {
    _topdir: top,
    _rpmdir: join(top, 'done'),
    _build_name_fmt: 'package.rpm',
    // The same on every machine and at every time.
    _buildhost: 'sealane',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    _build_id_links: 'none',
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    _binary_payload: request.compression === 'gzip' ? 'w1.gzdio' : 'w6.xzdio',
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  const { code, output } = await run(
    'rpmbuild',
    [
      '-bb',
      '--buildroot',
      tree,
      '--target',
      machines.get(request.architecture) ?? request.architecture,
      ...defines,
      spec,
    ],
    { quiet: true },
  );
  if (code !== 0) throw new Error(`rpmbuild failed:\n${output}`);
  await copyFile(join(top, 'done', 'package.rpm'), request.output);
}
