import { utf8ToBytes } from '@noble/hashes/utils.js';
import { Failure } from './failure.mjs';

/** Names: docs/protocol.md, section 9, and what a program is, section 5.3. */

const programs = new Set(
  (
    'action apk app appimage appinstaller applescript application appref-ms appx appxbundle bash bat chm cmd ' +
    'com command cpl csh deb deskthemepack desktop diagcab dll dmg exe fileloc fish flatpak flatpakref ' +
    'gadget hta img inetloc inf iso jar jnlp js jse ksh library-ms lnk mobileconfig mpkg msc msi msix ' +
    'msixbundle msp mst msu pif pkg pl ppkg ps1 ps1xml psm1 py pyc pyw pyz pyzw rb rdp reg rpm run scf scpt ' +
    'scr sct search-ms searchconnector-ms settingcontent-ms sh snap terminal theme themepack tool url vb vbe ' +
    'vbs vhd vhdx vsix webloc website workflow ws wsb wsc wsf wsh xll xpi zsh'
  ).split(' '),
);
const bundles = new Set(
  'app workflow action pkg mpkg bundle plugin kext prefpane saver qlgenerator service scptd'.split(' '),
);

/** @param {string} name */
export const isHidden = (name) => name.startsWith('.');

/**
 * @param {string} name
 * @param {boolean | 'folder'} executable
 */
export function isProgram(name, executable) {
  const ending = /\.(?<ending>[^.]*)$/u.exec(name.replace(/[. ]+$/u, ''))?.groups?.['ending']?.toLowerCase();
  const isNamed = ending !== undefined && (executable === 'folder' ? bundles : programs).has(ending);
  return isNamed || executable === true;
}

/**
 * Refuses what no honest sender sends.
 * @param {readonly string[]} path
 */
export function checkPath(path) {
  const isHonest =
    path.length > 0 &&
    path.length <= 128 &&
    utf8ToBytes(path.join('/')).length <= 3072 &&
    path.every((name) => !['', '.', '..'].includes(name) && name.length <= 255 && !/[/\0\p{Cs}]/u.test(name));
  if (!isHonest) throw new Failure('name-refused');
}

/**
 * What a name becomes on a file system that holds all others.
 * @param {string} name
 */
export function onDisk(name) {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '_');
}
