import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process.mjs';
import { filesIn } from './deb.mjs';

/**
 * The spec file. Nothing is compiled: the files are as they are, without stripping, byte-compiling or searching them for
 * what they need, which differs between the distributions.
 *
 * @param {import('./fpm.mjs').PackageRequest} request
 * @param {readonly string[]} files absolute paths of what the package owns; a folder stands for what is in it
 * @param {{ post: string, postun: string }} scripts
 */
export const specOf = (request, files, { post, postun }) => `
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
${files.map((file) => `"${file}"\n`).join('')}
`;

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
    specOf(request, [...own, ...outside.map((file) => `/${file}`)], {
      post: await script(request.afterInstall),
      postun: await script(request.afterRemove),
    }),
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
