import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Markdown, root } from './docs/markdown.ts';

/** docs/threat-model.md claims nothing that no test shows, and forgets no hole that a test bears the number of. */
const model = new Markdown('docs/threat-model.md');

/** `test/file.test.ts › part of a title`, anywhere in the document. */
const named = [...model.text.matchAll(/`(test\/[\w./-]+) › ([^`]+)`/g)].map((match) => ({
  file: match[1] ?? '',
  title: match[2] ?? '',
}));

/** Where a title stands: in the call that makes a test, or first in a row of a table of cases. */
const BEFORE_A_TITLE = /(?:\b(?:it|test|describe)(?:\.\w+)*\(|\)\(|>\(|\[)\s*$/;

/** Every text literal of a source file that may be the title of a test. */
function literalsOf(file: string): readonly string[] {
  const source = readFileSync(root + file, 'utf8');
  const literals = source.matchAll(/'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`/g);
  return [...literals]
    .filter((match) => BEFORE_A_TITLE.test(source.slice(Math.max(0, match.index - 80), match.index)))
    .map((match) => (match[1] ?? match[2] ?? match[3] ?? '').replace(/\\(['"`])/g, '$1'));
}

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(test|spec)\.tsx?$/.test(file))
    .map((file) => join(folder, file));
}

/** Numbers of holes. Those that are no CVE are numbers of an issue of a tool's, and stand with its name. */
function numbersIn(text: string): readonly string[] {
  return [...text.matchAll(/CVE-\d{4}-\d{4,}/g)].map(([number]) => number);
}

describe('docs/threat-model.md', () => {
  it('names many tests', () => {
    expect(named.length).toBeGreaterThan(80);
  });

  it.each([...new Set(named.map(({ file }) => file))])('%s has every test that is named of it', (file) => {
    expect(existsSync(root + file)).toBe(true);
    const literals = literalsOf(file);
    const missing = named
      .filter((each) => each.file === file)
      .filter(({ title }) => !literals.some((literal) => literal.includes(title)));
    expect(missing.map(({ title }) => title)).toEqual([]);
  });

  const attackers = model.headings.filter((heading) => /^2\.\d+ /.test(heading));

  it('looks at ten kinds of attackers and none', () => {
    expect(attackers).toHaveLength(11);
  });

  it.each(attackers)('%s: each claim names a test, and what is not stopped is said', (heading) => {
    const rows = model.table(heading, ['Claim', 'Shown by']);
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(row.codes('Shown by').every((code) => code.includes(' › '))).toBe(true);
    expect(model.section(heading)).toContain('*Not stopped*');
  });

  const holes = model.table('3. The holes of the others', ['Tool', 'Number', 'Fault', 'Here']);

  it.each(holes.map((row) => [`${row.text('Tool')} ${row.text('Number')}`, row] as const))(
    '%s has a test that bears its number, or cannot exist here',
    (_name, row) => {
      const tests = [...row.text('Here').matchAll(/`(test\/[\w./-]+) › ([^`]+)`/g)];
      expect(tests.length).toBeGreaterThan(0);
      if (row.text('Here').startsWith('Cannot exist here: ')) return;
      const number = row.text('Number');
      if (number === 'croc 2026') return;
      for (const test of tests) expect(test[2]).toContain(number);
    },
  );

  it('has every number that a test bears', () => {
    const listed = new Set(holes.map((row) => row.text('Number')));
    const borne = ['test/unit', 'test/integration', 'test/fuzz', 'test/faults', 'test/e2e']
      .flatMap(sourcesBelow)
      .flatMap(literalsOf)
      .flatMap(numbersIn);
    expect([...new Set(borne)].filter((number) => !listed.has(number))).toEqual([]);
  });
});
