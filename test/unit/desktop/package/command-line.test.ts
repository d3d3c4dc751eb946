import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandArguments, LAUNCHER_SWITCHES } from '../../../../src-main/desktop/package/command-line.ts';

const launcher = new URL('../../../../src-main/desktop/package/sealane', import.meta.url);
const EXECUTABLE = '/opt/Sealane/sealane-desktop';
const ATTACK = ['pair', 'sealane://pair#EVIL', '--yes', '--profile', '/home/anna/.config/sealane'];

/** What a system, a file manager or a quote in a link could put on a command line, the launcher's own words among it. */
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...LAUNCHER_SWITCHES) },
  fc.constantFrom(
    'sealane://pair#abc',
    '/a/file',
    'file:///a/file',
    'pair',
    '--yes',
    '--sealane-cli=',
    '',
    '-',
  ),
  fc.string(),
);
const words = fc.array(word, { maxLength: 12 });
const platform = fc.constantFrom<NodeJS.Platform>('win32', 'darwin', 'freebsd', 'android');

describe('the executable', () => {
  it('is the command when the launcher says so, with the arguments as they were given', () => {
    fc.assert(
      fc.property(words, (args) => {
        expect(commandArguments([EXECUTABLE, ...LAUNCHER_SWITCHES, ...args], 'linux')).toEqual(args);
      }),
    );
  });

  it('is the app on every command line that does not begin exactly as the launcher begins it', () => {
    fc.assert(
      fc.property(words, (args) => {
        fc.pre(!LAUNCHER_SWITCHES.every((each, index) => args[index] === each));
        expect(commandArguments([EXECUTABLE, ...args], 'linux')).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('is the app when a link, a file or anything else stands before or between the words of the launcher', () => {
    fc.assert(
      fc.property(word, fc.nat(LAUNCHER_SWITCHES.length - 1), words, (stranger, at, rest) => {
        fc.pre(stranger !== LAUNCHER_SWITCHES[at]);
        const args = [...LAUNCHER_SWITCHES.slice(0, at), stranger, ...LAUNCHER_SWITCHES.slice(at), ...rest];
        expect(commandArguments([EXECUTABLE, ...args], 'linux')).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('is the app when a word of the launcher is missing or two are exchanged', () => {
    for (const at of LAUNCHER_SWITCHES.keys()) {
      const without = LAUNCHER_SWITCHES.filter((_, index) => index !== at);
      expect(commandArguments([EXECUTABLE, ...without, ...ATTACK], 'linux')).toBeUndefined();
    }
    const [first, second, ...others] = LAUNCHER_SWITCHES;
    expect(commandArguments([EXECUTABLE, second, first, ...others, ...ATTACK], 'linux')).toBeUndefined();
  });

  it('is the app on every system but Linux, even on the command line of the launcher', () => {
    fc.assert(
      fc.property(platform, words, (system, args) => {
        expect(commandArguments([EXECUTABLE, ...LAUNCHER_SWITCHES, ...args], system)).toBeUndefined();
      }),
    );
  });

  it.each([
    [
      'a quote in a link ends the argument of the link',
      ['sealane://pair#x', '--sealane-cli', '--', ...ATTACK],
    ],
    ['a link comes before the whole of it', ['sealane://pair#x', ...LAUNCHER_SWITCHES, ...ATTACK]],
    ['the system adds a switch of its own', ['--allow-file-access', '--sealane-cli', '--', ...ATTACK]],
    ['only the end of it is there', ['--sealane-cli', '--', ...ATTACK]],
    ['it stands behind two dashes', ['--', ...LAUNCHER_SWITCHES, ...ATTACK]],
    ['nothing is there', []],
  ])('is the app when %s', (_what, args) => {
    expect(commandArguments([EXECUTABLE, ...args], 'linux')).toBeUndefined();
    expect(commandArguments([EXECUTABLE, ...args], 'win32')).toBeUndefined();
  });

  it('is started by the launcher with exactly these words', () => {
    const [, written] = /^exec "[^"]+" (.*) "\$@"$/m.exec(readFileSync(launcher, 'utf8')) ?? [];
    expect(written?.split(' ')).toEqual(LAUNCHER_SWITCHES);
  });
});
