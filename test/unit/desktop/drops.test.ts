import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import {
  createDrops,
  DROP_LIFETIME_MS,
  MAX_DROP_PATHS,
  MAX_DROPS,
  type Drops,
} from '../../../src-main/desktop/drops.ts';
import { dropHandleSchema, type DropHandle } from '../../../shared/ipc.ts';

function register(drops: Drops, ...paths: string[]): DropHandle {
  const handle = drops.register(paths);
  return dropHandleSchema.parse(handle);
}

describe('dropped paths', () => {
  it('are behind a handle that is good once', () => {
    const drops = createDrops(() => 0);
    const handle = register(drops, '/a', '/b c');
    expect(handle).toMatch(/^[0-9a-f]{32}$/);
    expect(drops.take(handle)).toEqual(['/a', '/b c']);
    expect(drops.take(handle)).toBeUndefined();
  });

  it('have handles that nobody guesses', () => {
    const drops = createDrops(() => 0);
    const handles = new Set(Array.from({ length: 50 }, () => register(drops, '/a')));
    expect(handles.size).toBe(50);
  });

  it('are forgotten when nobody sends them in time', () => {
    let now = 5;
    const drops = createDrops(() => now);
    const early = register(drops, '/early');
    now += DROP_LIFETIME_MS - 1;
    const late = register(drops, '/late');
    now += 1;
    expect(drops.take(early)).toBeUndefined();
    expect(drops.take(late)).toEqual(['/late']);
  });

  it('make room for new ones: the oldest go first', () => {
    const drops = createDrops(() => 0);
    const handles = Array.from({ length: MAX_DROPS + 2 }, (_, index) => register(drops, `/${String(index)}`));
    const found = handles.map((handle) => drops.take(handle) !== undefined);
    expect(found).toEqual([false, false, ...Array.from({ length: MAX_DROPS }, () => true)]);
  });

  it.each([
    ['nothing', undefined],
    ['no list', '/a'],
    ['an empty list', []],
    ['a relative path', ['/a', 'b']],
    ['an empty path', ['']],
    ['a NUL', ['/a\0b']],
    ['something else', [{ path: '/a' }]],
  ])('are refused as a whole when there is %s', (_what, paths) => {
    expect(createDrops(() => 0).register(paths)).toBe('drop-foreign');
  });

  it('may be as many as a person selects, and beyond that are told to be too many', () => {
    const drops = createDrops(() => 0);
    const many = Array.from({ length: MAX_DROP_PATHS + 1 }, (_, index) => `/${String(index)}`);
    const most = many.slice(1);
    expect(drops.take(register(drops, ...most))).toEqual(most);
    expect(drops.register(many)).toBe('drop-too-large');
    expect(ERRORS['drop-too-large'].message).toContain(`More than ${formatNumber(MAX_DROP_PATHS)} files`);
  });
});
