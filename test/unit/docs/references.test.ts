import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../../../src-main/engine/index.ts';
import { run } from '../cli/fake-host.ts';
import { Markdown, root } from './markdown.ts';

/** What the documents point to is there, and what they say of the checkout is so. */
const documents = [
  'README.md',
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const architecture = new Markdown('docs/architecture.md');
const readme = new Markdown('README.md');

/** The anchor that a heading gets where the document is shown. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function linksIn(path: string): readonly string[] {
  const { text } = new Markdown(path);
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

describe.each(documents)('%s', (path) => {
  it('has links that lead somewhere', () => {
    const broken = linksIn(path).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(root + target)) return true;
      return anchor !== undefined && !new Markdown(target).headings.map(anchorOf).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names files that are there', () => {
    const { text } = new Markdown(path);
    const named = [...text.matchAll(/`((?:shared|src-main|src-renderer|test|docs|\.ci)\/[\w./-]*)`/g)];
    expect(named.map((match) => match[1] ?? '').filter((name) => !existsSync(root + name))).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(`${root}package.json`, 'utf8')));
    const { text } = new Markdown(path);
    const named = [...text.matchAll(/npm (?:run (?:-s )?([\w:-]+)|(test|start)\b)/g)];
    expect(named.map((match) => match[1] ?? match[2] ?? '').filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('README.md', () => {
  const lines = /```sh\n(sealane [^`]+)```/.exec(readme.text)?.[1]?.trim().split('\n') ?? [];

  it('shows the command in five lines', () => {
    expect(lines).toHaveLength(5);
  });

  it.each(lines)('%s', async (line) => {
    const [, command = ''] = line.split(' ');
    const { exit, out } = await run([command, '--help']);
    expect(exit).toBe('done');
    expect(out.text).toContain(`sealane ${command}`);
  });

  it('names the test command that continuous integration runs', () => {
    expect(readFileSync(`${root}.ci/run`, 'utf8').trim().split('\n').at(-1)).toBe('npm test');
    expect(readme.section('Try it')).toContain('npm test');
  });
});

describe('docs/architecture.md', () => {
  const folders: string[] = [];
  afterAll(async () => {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });

  it('lists every import rule', () => {
    const configuration = readFileSync(`${root}dependency-cruiser.config.mjs`, 'utf8');
    const rules = [...configuration.matchAll(/^ {6}name: '([a-z-]+)',$/gm)].map((match) => match[1]);
    expect(architecture.table('The parts', ['Rule', 'Keeps']).map((row) => row.code('Rule'))).toEqual(rules);
  });

  it('lists everything that a new profile holds', async () => {
    const profile = await mkdtemp(join(tmpdir(), 'sealane-docs-'));
    folders.push(profile);
    const engine = await createEngine({ profile, listen: { host: '127.0.0.1', port: 0 } });
    await engine.createInvite();
    const found = await readdir(profile);
    await engine.close();
    const listed = architecture
      .table('What is kept, and where', ['In the profile', 'What'])
      .flatMap((row) => row.codes('In the profile'));
    expect(found.filter((name) => !listed.includes(name) && !listed.includes(`${name}/`))).toEqual([]);
    expect(found).toEqual(
      expect.arrayContaining(['identity.key', 'identity.key.copy', 'devices.json', 'invites.json']),
    );
  });
});
