import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMAND_SWITCH, commandArguments } from '../../../../src-main/desktop/package/command-line.ts';

const launcher = new URL('../../../../src-main/desktop/package/sealane', import.meta.url);

describe('the executable', () => {
  it('is the command when the launcher says so, with the arguments as they were given', () => {
    expect(
      commandArguments(['app', '--no-sandbox', COMMAND_SWITCH, '--', 'send', '--json', 'a b', '--', '-x']),
    ).toEqual(['send', '--json', 'a b', '--', '-x']);
    expect(commandArguments(['app', COMMAND_SWITCH, '--'])).toEqual([]);
  });

  it.each([
    [['app']],
    [['app', 'sealane://pair#abc']],
    [['app', '/a/file', '--', COMMAND_SWITCH]],
    [['app', COMMAND_SWITCH]],
    [['app', COMMAND_SWITCH, '/a/file']],
    [['app', '--', COMMAND_SWITCH, '--', 'id']],
    [['--']],
  ])('is the app for %j', (argv) => {
    expect(commandArguments(argv)).toBeUndefined();
  });

  it('is started by the launcher in just that way', () => {
    expect(readFileSync(launcher, 'utf8')).toMatch(new RegExp(`^exec .* ${COMMAND_SWITCH} -- "\\$@"$`, 'm'));
  });
});
