import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../shared/errors.ts';
import { SKIP_REASONS } from '../../../shared/views.ts';
import { run } from '../cli/fake-host.ts';
import { Markdown } from './markdown.ts';

/** docs/cli.md against the program: its commands, their options and the exit codes. Events are held by test/unit/cli/output-json.test.ts. */
const page = new Markdown('docs/cli.md');

/** What stands in the first cell of the tables below this heading, where that is code. */
function firstCells(heading: string): readonly string[] {
  const from = page.text.indexOf(`\n## ${heading}\n`);
  const section = page.text.slice(from + 1).split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => (match[1] ?? '').replaceAll('\\|', '|'));
}

const everywhere = ['--help', '--json', '--listen', '--profile', '--version'];
const cells = firstCells('Commands');
const commands = cells.filter((cell) => !cell.startsWith('--'));
const nameOf = (command: string): string => /^[a-z]+( [a-z]+)?(?= |$)/.exec(command)?.[0] ?? '';
const optionsIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?<=^|[\s[])--[a-z-]+/g)].map(([option]) => option).sort();

async function helpOf(...command: readonly string[]): Promise<string> {
  return (await run([...command, '--help'])).out.text;
}

describe('docs/cli.md', () => {
  it.each(commands)('%s', async (command) => {
    const help = await helpOf(...nameOf(command).split(' '));
    // The column of the options, not what is said of them, nor the example.
    const column = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1] ?? '');
    expect([...new Set(column)].sort()).toEqual([...everywhere, ...optionsIn(command)].sort());
    for (const [choice] of command.matchAll(/(?<=--accept )[a-z|]+/g))
      expect(help).toContain(
        `choices: ${choice
          .split('|')
          .map((each) => `"${each}"`)
          .join(', ')}`,
      );
  });

  it('lists every command', async () => {
    const listed = async (...command: readonly string[]) => {
      const [, list = ''] = (await helpOf(...command)).split('\nCommands:\n');
      return [...list.matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1] ?? '');
    };
    const top = await listed();
    const below = await Promise.all(
      top.map(async (name) => (await listed(name)).map((sub) => `${name} ${sub}`)),
    );
    expect([...top, ...below.flat()].sort()).toEqual(commands.map(nameOf).sort());
  });

  it('has the options that are everywhere', () => {
    expect(cells.filter((cell) => cell.startsWith('--')).map((cell) => optionsIn(cell)[0])).toEqual(
      expect.arrayContaining(everywhere.filter((option) => option !== '--help')),
    );
  });

  it('has every exit code', () => {
    const rows = page.table('Exit codes', ['code', 'means']);
    expect(rows.map((row) => row.number('code'))).toEqual(Object.values(EXIT_CODES));
  });

  it('has every reason for which something is left out', () => {
    const sentence = /^Reasons in `skipped`:([^.]+)\./m.exec(page.text)?.[1] ?? '';
    expect([...sentence.matchAll(/`([a-z-]+)`/g)].map((match) => match[1])).toEqual([...SKIP_REASONS]);
  });
});
