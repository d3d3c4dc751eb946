/**
 * What a person should know of a name before saying yes to it. Sender and receiver judge by these same functions: the sender counts
 * with them for its offer, and the receiver holds each entry that arrives against that count.
 */

/** Whether Unix systems leave the name out when they list a folder. */
export function isHiddenName(name: string): boolean {
  return name.startsWith('.');
}

/**
 * Endings of what some system runs or installs when it is opened, or of what leads there: Windows (PATHEXT, what Explorer hands to an
 * interpreter or an installer, shortcuts to programs elsewhere, themes, folders that show another computer's), macOS (bundles, scripts,
 * installers, shortcuts), Linux desktops (launchers, packages, AppImage), browsers (extensions). In order.
 */
export const PROGRAM_ENDINGS = new Set(
  (
    'action apk app appimage appinstaller applescript application appref-ms appx appxbundle bash bat chm cmd ' +
    'com command cpl csh deb deskthemepack desktop diagcab dll dmg exe fileloc fish flatpak flatpakref ' +
    'gadget hta img inetloc inf iso jar jnlp js jse ksh library-ms lnk mobileconfig mpkg msc msi msix ' +
    'msixbundle msp mst msu pif pkg pl ppkg ps1 ps1xml psm1 py pyc pyw pyz pyzw rb rdp reg rpm run scf scpt ' +
    'scr sct search-ms searchconnector-ms settingcontent-ms sh snap terminal theme themepack tool url vb vbe ' +
    'vbs vhd vhdx vsix webloc website workflow ws wsb wsc wsf wsh xll xpi zsh'
  ).split(' '),
);

/** Whether opening something of this name may run it. Dots and spaces at the end count for nothing: Windows drops them. */
export function isProgramName(name: string): boolean {
  return PROGRAM_ENDINGS.has(endingOf(name));
}

/** What follows the last dot of a name, in lower case; empty where there is no dot. Takes time in proportion to the name. */
function endingOf(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end -= 1;
  const shown = name.slice(0, end);
  const dot = shown.lastIndexOf('.');
  return dot < 0 ? '' : shown.slice(dot + 1).toLowerCase();
}

/** Folders that macOS shows as one thing, and runs or installs when they are opened. */
export const BUNDLE_ENDINGS = new Set(
  'app workflow action pkg mpkg bundle plugin kext prefpane saver qlgenerator service scptd'.split(' '),
);

/** Whether opening a folder of this name may run it. */
export function isBundleName(name: string): boolean {
  return BUNDLE_ENDINGS.has(endingOf(name));
}

/** Whether a file may run when it is opened: by its name, or because it carries the executable bit. */
export function isProgramFile(name: string, executable: boolean): boolean {
  return executable || isProgramName(name);
}
