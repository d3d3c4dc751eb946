import { describe, expect, it } from 'vitest';
import { judge, readPlaywright, readVitest, total } from '../../tools/test-report.ts';

const vitestFile = (status: string, ...tests: string[]) => ({
  name: '/somewhere/a.test.ts',
  status,
  assertionResults: tests.map((result, index) => ({ status: result, fullName: `test ${index}` })),
});

describe('readVitest', () => {
  it('counts what passed and names what did not', () => {
    const report = { testResults: [vitestFile('failed', 'passed', 'failed', 'skipped', 'todo', 'pending')] };
    expect(readVitest(report)).toEqual({
      passed: 1,
      failed: ['test 1'],
      skipped: ['test 2', 'test 3', 'test 4'],
    });
  });

  it('counts a file that cannot be loaded', () => {
    const { failed } = readVitest({ testResults: [vitestFile('failed')] });
    expect(failed).toEqual(['/somewhere/a.test.ts (the file itself)']);
  });

  it('refuses what it does not understand', () => {
    expect(() => readVitest({ tests: 12 })).toThrow();
  });
});

const spec = (title: string, status: string) => ({ title, file: 'a.spec.ts', tests: [{ status }] });

describe('readPlaywright', () => {
  it('finds tests at every depth', () => {
    const report = {
      suites: [
        {
          specs: [spec('one', 'expected')],
          suites: [{ specs: [spec('two', 'unexpected')], suites: [{ specs: [spec('three', 'skipped')] }] }],
        },
      ],
      errors: [],
    };
    expect(readPlaywright(report)).toEqual({
      passed: 1,
      failed: ['a.spec.ts: two'],
      skipped: ['a.spec.ts: three'],
    });
  });

  it('lets no test pass at the second try, and no error outside of tests go by', () => {
    const report = { suites: [{ specs: [spec('one', 'flaky')] }], errors: [{ message: 'config is broken' }] };
    expect(readPlaywright(report)).toEqual({
      passed: 0,
      failed: ['config is broken', 'a.spec.ts: one'],
      skipped: [],
    });
  });

  it('refuses a status it does not know', () => {
    expect(() => readPlaywright({ suites: [{ specs: [spec('one', 'fine')] }], errors: [] })).toThrow();
  });
});

describe('judge', () => {
  const fine = { passed: 3, failed: [], skipped: [] };

  it('believes a report that its exit code agrees with', () => {
    expect(judge('vitest', 0, fine)).toBe(fine);
  });

  it('fails a runner that left no report', () => {
    expect(judge('vitest', 0, undefined).failed).toHaveLength(1);
  });

  it('fails a runner that ran nothing', () => {
    expect(judge('vitest', 0, { passed: 0, failed: [], skipped: ['x'] }).failed).toHaveLength(1);
  });

  it('fails a runner whose exit code disagrees with its report', () => {
    expect(judge('vitest', 1, fine).failed).toHaveLength(1);
  });
});

describe('total', () => {
  it('sums, and takes a skipped test for a failed one', () => {
    const outcomes = [
      { passed: 2, failed: ['a'], skipped: [] },
      { passed: 5, failed: [], skipped: ['b', 'c'] },
    ];
    expect(total(outcomes)).toEqual({ passed: 7, failed: 3 });
  });
});
