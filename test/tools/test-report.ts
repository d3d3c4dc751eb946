// What the runners' own JSON reports say, in one shape. Parsed strictly enough that a changed format is a failure, not
// a green zero.
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

/** A test that failed, and what its runner says about it; empty where it says nothing. */
export interface Failure {
  readonly name: string;
  readonly why: string;
}

/** What one step of `npm test` came to. Names, because a number alone sends nobody anywhere. */
export interface Outcome {
  readonly passed: number;
  readonly failed: readonly Failure[];
  readonly skipped: readonly string[];
}

const VitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()).optional(),
        }),
      ),
    }),
  ),
});

/**
 * @param report vitest's `json` reporter's file, parsed
 * @returns the outcome; a file that could not even be loaded is one failure
 * @throws ZodError if the report is of another shape
 */
export function readVitest(report: unknown): Outcome {
  const failed: Failure[] = [];
  const skipped: string[] = [];
  let passed = 0;
  for (const file of VitestReport.parse(report).testResults) {
    const before = failed.length;
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      if (status === 'passed') passed += 1;
      else if (status === 'failed') failed.push(failure(fullName, failureMessages));
      else skipped.push(fullName);
    }
    if (file.status === 'failed' && failed.length === before)
      failed.push(failure(`${file.name} (the file itself)`, [file.message]));
  }
  return { passed, failed, skipped };
}

function failure(name: string, messages: readonly (string | undefined)[] = []): Failure {
  return { name, why: stripVTControlCharacters(messages.filter(Boolean).join('\n')) };
}

const PlaywrightError = z.object({ message: z.string().optional() });

const PlaywrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
      results: z.array(z.object({ errors: z.array(PlaywrightError).optional() })).optional(),
    }),
  ),
});

const PlaywrightSuite = z.object({
  specs: z.array(PlaywrightSpec),
  get suites() {
    return z.array(PlaywrightSuite).optional();
  },
});

const PlaywrightReport = z.object({
  suites: z.array(PlaywrightSuite),
  errors: z.array(PlaywrightError),
});

function specsOf(suite: z.infer<typeof PlaywrightSuite>): z.infer<typeof PlaywrightSpec>[] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

/**
 * @param report Playwright's `json` reporter's file, parsed
 * @returns the outcome; errors outside of a test are failures, and so is a test that passed only when tried again
 * @throws ZodError if the report is of another shape
 */
export function readPlaywright(report: unknown): Outcome {
  const { suites, errors } = PlaywrightReport.parse(report);
  const failed = errors.map(({ message }) => failure('an error outside of a test', [message]));
  const skipped: string[] = [];
  let passed = 0;
  for (const { title, file, tests } of suites.flatMap(specsOf)) {
    const name = `${file}: ${title}`;
    for (const { status, results = [] } of tests) {
      if (status === 'expected') passed += 1;
      else if (status === 'skipped') skipped.push(name);
      else {
        const said = results.flatMap((result) => result.errors ?? []);
        failed.push(
          failure(
            name,
            said.map(({ message }) => message),
          ),
        );
      }
    }
  }
  return { passed, failed, skipped };
}

/**
 * What a test runner came to, with its exit code as a second witness.
 *
 * @param step the runner's name, for the sentences
 * @param code its exit code
 * @param outcome what its report says; undefined if there is none
 */
export function judge(step: string, code: number, outcome: Outcome | undefined): Outcome {
  if (outcome === undefined)
    return { passed: 0, failed: [failure(`${step}: no report (exit code ${code})`)], skipped: [] };
  const { passed, failed, skipped } = outcome;
  if (passed + failed.length === 0)
    return { passed, failed: [failure(`${step}: not a single test ran`)], skipped };
  if (code !== 0 && failed.length === 0) {
    return { passed, failed: [failure(`${step}: failed outside of a test (exit code ${code})`)], skipped };
  }
  return outcome;
}

/** The numbers of the last line. A skipped test has not passed, and nobody reads warnings: it counts as failed. */
export function total(outcomes: readonly Outcome[]): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  for (const outcome of outcomes) {
    passed += outcome.passed;
    failed += outcome.failed.length + outcome.skipped.length;
  }
  return { passed, failed };
}

/** Lines of what a runner says about one failure that the summary repeats: its reason, and not its whole stack. */
const SUMMARY_LINES = 15;

/**
 * What failed and why, for the end of the output: of a run that is long, that is all that some readers get.
 *
 * @returns lines, each with its line feed
 */
export function summary({ failed, skipped }: Outcome): string {
  const lines: string[] = [];
  for (const { name, why } of failed) {
    lines.push(`failed: ${name}`);
    const said = why.split('\n').filter((line) => line.trim() !== '');
    lines.push(...said.slice(0, SUMMARY_LINES).map((line) => `    ${line}`));
  }
  for (const name of skipped) lines.push(`skipped, which counts as failed: ${name}`);
  return lines.map((line) => `${line}\n`).join('');
}
