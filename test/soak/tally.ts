import { FAULTS } from './faults.ts';
import type { Fault } from './faults.ts';
import type { FailureKind } from './soak-failure.ts';
import type { StepResult } from './step.ts';

/** What a soak came to, as it is written to a file. */
export interface Tally {
  readonly seed: number;
  readonly minutes: number;
  readonly transfers: number;
  readonly files: number;
  readonly bytes: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly faultCount: number;
  /** Of the transfers whose every byte was seen, and whose files did not change. */
  readonly twice: {
    readonly transfers: number;
    readonly faults: number;
    readonly bytes: number;
    readonly percent: number;
    /** Of one transfer, for each fault that came over it. */
    readonly mostPerFault: number;
  };
  readonly losses: number;
  readonly failures: readonly { readonly step: number; readonly kind: FailureKind }[];
  readonly slowestSeconds: number;
}

export function tallyOf(seed: number, minutes: number, results: readonly StepResult[]): Tally {
  const faults = results.flatMap((result) => result.faults);
  const counted = results.filter(({ twice }) => twice !== null);
  const twice = sum(counted.map((result) => result.twice ?? 0));
  return {
    seed,
    minutes,
    transfers: results.length,
    files: sum(results.map((result) => result.files)),
    bytes: sum(results.map(({ bytes }) => bytes)),
    faults: Object.fromEntries(
      FAULTS.map((fault) => [fault, faults.filter((each) => each === fault).length]),
    ) as Record<Fault, number>,
    faultCount: faults.length,
    twice: {
      transfers: counted.length,
      faults: sum(counted.map((result) => result.faults.length)),
      bytes: twice,
      percent: (100 * twice) / Math.max(1, sum(counted.map(({ bytes }) => bytes))),
      mostPerFault: Math.max(
        0,
        ...counted.map((result) => (result.twice ?? 0) / Math.max(1, result.faults.length)),
      ),
    },
    losses: results.filter(({ failure }) => failure?.isLoss === true).length,
    failures: results.flatMap(({ step, failure }) =>
      failure === undefined ? [] : [{ step, kind: failure.kind }],
    ),
    slowestSeconds: Math.max(0, ...results.map(({ seconds }) => seconds)),
  };
}

/** The same for people. */
export function tallyText(tally: Tally): string {
  const { twice, faults } = tally;
  const rows: (readonly [string, string])[] = [
    ['seed', String(tally.seed)],
    ['minutes', tally.minutes.toFixed(1)],
    ['transfers', String(tally.transfers)],
    ['files', tally.files.toLocaleString('en')],
    ['bytes', megabytes(tally.bytes)],
    ['faults', String(tally.faultCount)],
    ...FAULTS.map((fault) => [`  ${fault}`, String(faults[fault])] as const),
    ['crossed twice', `${megabytes(twice.bytes)}, ${twice.percent.toFixed(2)} %`],
    ['  measured over', `${twice.transfers} transfers with ${twice.faults} faults`],
    ['  most per fault', megabytes(twice.mostPerFault)],
    ['slowest transfer', `${tally.slowestSeconds.toFixed(0)} s`],
    ['failures', String(tally.failures.length)],
    ['losses', String(tally.losses)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
