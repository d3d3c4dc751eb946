import { describe, expect, it } from 'vitest';
import { isHiddenName, isProgramFile, isProgramName } from '../../../shared/marks.ts';

describe('a name', () => {
  it.each(['.env', '.git', '..data', '.'])('is hidden: %j', (name) => {
    expect(isHiddenName(name)).toBe(true);
  });

  it.each(['env', 'a.b', '', ' .env'])('is not hidden: %j', (name) => {
    expect(isHiddenName(name)).toBe(false);
  });

  it.each([
    'a.exe',
    'A.EXE',
    'photo.jpg.scr',
    'x.Desktop',
    'setup.msi',
    'run.sh',
    'a.exe.',
    'a.exe . .',
    '.bat',
  ])('is that of a program: %j', (name) => {
    expect(isProgramName(name)).toBe(true);
  });

  it.each(['exe', 'a.txt', 'a.exe.txt', 'sh', '', '.', 'photo.jpg', 'a.exes'])(
    'is not that of a program: %j',
    (name) => {
      expect(isProgramName(name)).toBe(false);
    },
  );

  it.each(
    (
      'appinstaller msixbundle appxbundle msu mst ppkg wsb vb wsc sct ps1xml pyc pyzw library-ms searchConnector-ms ' +
      'search-ms theme themepack rdp website inetloc fileloc webloc applescript csh zsh ksh fish flatpak xpi vsix'
    ).split(' '),
  )('is that of what leads to a program when it is opened: a.%s', (ending) => {
    expect(isProgramName(`a.${ending}`)).toBe(true);
  });

  it('is judged in time that grows with its length, and no faster', () => {
    expect(isProgramName(`${'. '.repeat(1_000_000)}x`)).toBe(false);
    expect(isProgramName(`a.exe${' .'.repeat(1_000_000)}`)).toBe(true);
  });

  it('is that of a program where the file may be executed, whatever it is', () => {
    expect(isProgramFile('a.txt', true)).toBe(true);
    expect(isProgramFile('a.txt', false)).toBe(false);
  });
});
