import { appendFileSync } from 'node:fs';

/** Where the numbers of all files come together: summary.ts says so to the processes of the tests. */
export const TALLY_FILE = 'SEALANE_SCHEDULES_TALLY';

export interface Tried {
  /** Schedules that ran. */
  readonly tried: number;
  /** How many there would be. */
  readonly of: number;
  readonly failed: number;
}

/** Says how many schedules were tried. */
export function count(name: string, { tried, of, failed }: Tried): void {
  const found = failed === 0 ? '' : `, ${String(failed)} FAILED`;
  process.stdout.write(`schedules: ${String(tried)} tried of ${String(of)}: ${name}${found}\n`);
  const file = process.env[TALLY_FILE];
  if (file !== undefined) appendFileSync(file, `${String(tried)} ${String(failed)}\n`);
}
