import { describe, expect, it } from 'vitest';
import { BenchError } from '../../bench/bench-error.ts';
import { readOptions } from '../../bench/options.ts';

describe('the options of the benchmark', () => {
  it('measures everything three times, small sizes once', () => {
    expect(readOptions([])).toMatchObject({
      quick: false,
      save: false,
      rounds: 3,
      works: ['file', 'small', 'mixed'],
    });
    expect(readOptions([]).lanes).toHaveLength(7);
    expect(readOptions(['--quick']).rounds).toBe(1);
    expect(readOptions(['--quick', '--rounds', '5']).rounds).toBe(5);
  });

  it('keeps its own order in lists', () => {
    const options = readOptions(['--only', 'scp,terminal', '--work', 'small', '--install']);
    expect(options.lanes).toEqual(['terminal', 'scp']);
    expect(options.works).toEqual(['small']);
  });

  it.each([
    ['--only', 'ftp'],
    ['--work', 'large'],
    ['--rounds', '0'],
    ['--rounds', 'many'],
    ['--fast'],
    ['extra'],
  ])('does not understand %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow(BenchError);
  });
});
