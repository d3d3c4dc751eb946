import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lockDrift } from '../../tools/dependencies.mjs';
import { choose, unmet } from '../../tools/system-packages.mjs';

describe('lockDrift', () => {
  const one = { version: '1.0.0', integrity: 'sha512-a' };
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/one': one,
    'node_modules/mac': { ...one, optional: true },
  };

  it('finds nothing when what is locked is installed, but for packages of other systems', () => {
    expect(lockDrift(wanted, { 'node_modules/one': one })).toBeUndefined();
  });

  it.each([
    ['nothing is installed', undefined],
    ['a package is missing', {}],
    ['a version differs', { 'node_modules/one': { ...one, version: '1.0.1' } }],
    ['the content differs', { 'node_modules/one': { ...one, integrity: 'sha512-b' } }],
    ['one is left over', { 'node_modules/one': one, 'node_modules/two': one }],
  ])('says so when %s', (_, installed) => {
    expect(lockDrift(wanted, installed)).toEqual(expect.any(String));
  });
});

describe('package-lock.json', () => {
  it('names no registry, so that every machine asks its own', async () => {
    const Lock = z.object({ packages: z.record(z.string(), z.object({ resolved: z.string().optional() })) });
    const path = new URL('../../../package-lock.json', import.meta.url);
    const { packages } = Lock.parse(JSON.parse(await readFile(path, 'utf8')));
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});

describe('system packages', () => {
  const needs = [['libasound2t64', 'libasound2'], ['xvfb']] as const;

  it('are met under their old and their new name', () => {
    expect(unmet(needs, new Set(['libasound2', 'xvfb']))).toEqual([]);
    expect(unmet(needs, new Set(['libasound2t64']))).toEqual([['xvfb']]);
  });

  it('are asked for under the name that the release has', () => {
    expect(choose(needs, new Set(['libasound2t64', 'libasound2', 'xvfb']))).toEqual([
      'libasound2t64',
      'xvfb',
    ]);
    expect(choose(needs, new Set(['libasound2', 'xvfb']))).toEqual(['libasound2', 'xvfb']);
  });
});
