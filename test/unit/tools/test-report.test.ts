import { describe, expect, it } from 'vitest';
import { judge, readPlaywright, readVitest, summary, total } from '../../tools/test-report.ts';

const vitestFile = (status: string, ...tests: string[]) => ({
  name: '/somewhere/a.test.ts',
  status,
  message: '',
  assertionResults: tests.map((result, index) => ({
    status: result,
    fullName: `test ${index}`,
    failureMessages: result === 'failed' ? ['\u001b[31mone\u001b[39m is not two'] : [],
  })),
});

describe('readVitest', () => {
  it('counts what passed and names what did not', () => {
    const report = { testResults: [vitestFile('failed', 'passed', 'failed', 'skipped', 'todo', 'pending')] };
    expect(readVitest(report)).toEqual({
      passed: 1,
      failed: [{ name: 'test 1', why: 'one is not two' }],
      skipped: ['test 2', 'test 3', 'test 4'],
    });
  });

  it('counts a file that cannot be loaded', () => {
    const file = { ...vitestFile('failed'), message: 'no such module' };
    const { failed } = readVitest({ testResults: [file] });
    expect(failed).toEqual([{ name: '/somewhere/a.test.ts (the file itself)', why: 'no such module' }]);
  });

  it('refuses what it does not understand', () => {
    expect(() => readVitest({ tests: 12 })).toThrow();
  });
});

const spec = (title: string, status: string, ...messages: string[]) => ({
  title,
  file: 'a.spec.ts',
  tests: [{ status, results: [{ errors: messages.map((message) => ({ message })) }] }],
});

describe('readPlaywright', () => {
  it('finds tests at every depth', () => {
    const report = {
      suites: [
        {
          specs: [spec('one', 'expected')],
          suites: [
            {
              specs: [spec('two', 'unexpected', 'not there', 'nor there')],
              suites: [{ specs: [spec('three', 'skipped')] }],
            },
          ],
        },
      ],
      errors: [],
    };
    expect(readPlaywright(report)).toEqual({
      passed: 1,
      failed: [{ name: 'a.spec.ts: two', why: 'not there\nnor there' }],
      skipped: ['a.spec.ts: three'],
    });
  });

  it('lets no test pass at the second try, and no error outside of tests go by', () => {
    const report = { suites: [{ specs: [spec('one', 'flaky')] }], errors: [{ message: 'config is broken' }] };
    expect(readPlaywright(report)).toEqual({
      passed: 0,
      failed: [
        { name: 'an error outside of a test', why: 'config is broken' },
        { name: 'a.spec.ts: one', why: '' },
      ],
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
      { passed: 2, failed: [{ name: 'a', why: '' }], skipped: [] },
      { passed: 5, failed: [], skipped: ['b', 'c'] },
    ];
    expect(total(outcomes)).toEqual({ passed: 7, failed: 3 });
  });
});

describe('summary', () => {
  it('names what failed with its reason, without the whole of a long stack, and what was skipped', () => {
    const stack = Array.from({ length: 40 }, (_, index) => `at line ${index}`).join('\n');
    const lines = summary({
      passed: 1,
      failed: [
        { name: 'a', why: `not what was expected\n\n${stack}` },
        { name: 'b', why: '' },
      ],
      skipped: ['c'],
    }).split('\n');
    expect(lines.slice(0, 3)).toEqual(['failed: a', '    not what was expected', '    at line 0']);
    expect(lines.slice(-3)).toEqual(['failed: b', 'skipped, which counts as failed: c', '']);
    expect(lines).toHaveLength(19);
  });

  it('is silent about what passed', () => {
    expect(summary({ passed: 3, failed: [], skipped: [] })).toBe('');
  });
});
