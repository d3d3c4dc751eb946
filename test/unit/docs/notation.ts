import type { Row } from './markdown.ts';

/** Values at the edges of what a type lets through, and just beyond. */
export interface Samples {
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

export type NamedTypes = Readonly<Record<string, Samples>>;

/** The types of docs/protocol.md, "Conventions", as samples; `named` has those that are described where they are used. */
export function samplesOf(type: string, named: NamedTypes): Samples {
  const known = named[type];
  if (known !== undefined) return known;
  if (type === 'bool') return { good: [true, false], bad: [0, 'true', null] };
  if (type === 'true') return { good: [true], bad: [false, 1, 'true', null] };
  if (type === 'text') return { good: ['', 'x'.repeat(5000)], bad: [1, null] };
  const list = /^list(?:\[(\d+)\.\.(\d+)\])? of (.+)$/.exec(type);
  if (list !== null) return listSamples(samplesOf(list[3] ?? '', named), boundsOf(list[1], list[2]));
  const literal = /^"([a-z]+)"$/.exec(type)?.[1];
  if (literal !== undefined) return { good: [literal], bad: [`${literal}s`, '', 1] };
  const one = /^(bytes|hex|base64url)\[(\d+)\]$/.exec(type);
  if (one !== null) return exactSamples(one[1] ?? '', Number(one[2]));
  const range = /^(uint|int|text)\[(-?\d+)\.\.(\d+)\]$/.exec(type);
  if (range !== null) return rangeSamples(range[1] ?? '', Number(range[2]), Number(range[3]));
  throw new Error(`no such type: ${type}`);
}

/** Maps made of the fields in a table: each field at each of its edges, all others well; none missing, none more. */
export function mapSamples(rows: readonly Row[], column: string, named: NamedTypes): Samples {
  const fields = rows.map((row) => {
    const type = row.code('Type');
    const { good, bad } = samplesOf(type.replace(/\?$/, ''), named);
    return { name: row.code(column), good, bad, mayBeMissing: type.endsWith('?') };
  });
  const base = Object.fromEntries(fields.map(({ name, good }) => [name, good[0]]));
  const without = (left: string) =>
    Object.fromEntries(Object.entries(base).filter(([name]) => name !== left));
  const missing = (isGood: boolean) =>
    fields
      .filter(({ bad, mayBeMissing }) => mayBeMissing === isGood && bad.length > 0)
      .map(({ name }) => without(name));
  return {
    good: [
      ...fields.flatMap(({ name, good }) => good.map((value) => ({ ...base, [name]: value }))),
      ...missing(true),
    ],
    bad: [
      ...fields.flatMap(({ name, bad }) => bad.map((value) => ({ ...base, [name]: value }))),
      ...missing(false),
      { ...base, surplus: 1 },
      null,
    ],
  };
}

function boundsOf(min: string | undefined, max: string | undefined): readonly [number, number] | undefined {
  return min === undefined || max === undefined ? undefined : [Number(min), Number(max)];
}

function listSamples(items: Samples, bounds: readonly [number, number] | undefined): Samples {
  const [min, max] = bounds ?? [0, 3];
  const of = (length: number): unknown[] => Array.from({ length }, () => items.good[0]);
  return {
    good: [of(min), of(max), ...items.good.map((item) => [item])],
    bad: [
      ...(bounds === undefined ? [] : [of(max + 1)]),
      ...(min > 0 ? [of(min - 1)] : []),
      ...items.bad.map((item) => [item]),
      'x',
    ],
  };
}

function exactSamples(kind: string, length: number): Samples {
  if (kind === 'bytes') {
    const bad = [new Uint8Array(length - 1), new Uint8Array(length + 1), 'x'.repeat(length)];
    return { good: [new Uint8Array(length), new Uint8Array(length).fill(255)], bad };
  }
  const alphabet = kind === 'hex' ? ['0', 'f'] : ['A', 'z', '-', '_'];
  const strangers = kind === 'hex' ? ['F', 'g'] : ['+', '/', '='];
  const [first = ''] = alphabet;
  return {
    good: alphabet.map((character) => character.repeat(length)),
    bad: [
      ...strangers.map((character) => character.repeat(length)),
      first.repeat(length - 1),
      first.repeat(length + 1),
      1,
    ],
  };
}

function rangeSamples(kind: string, min: number, max: number): Samples {
  if (kind === 'uint' || kind === 'int') {
    return { good: [min, max], bad: [min - 1, max + 1, 0.5, String(min), null] };
  }
  const outside = [...(min > 0 ? ['x'.repeat(min - 1)] : []), 'x'.repeat(max + 1), 1, null];
  const inside = ['x'.repeat(min), 'x'.repeat(max)];
  // Two UTF-16 code units, four bytes, one code point.
  const long = '💻'.padStart(max + 1, 'x');
  return { good: [...inside, long], bad: [...outside, `x${long}`] };
}
