import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_ENTRIES } from '../../../../shared/limits.ts';
import { lineOf, readFate } from '../../../../src-main/engine/files/entry-line.ts';
import type { EntryFate } from '../../../../src-main/engine/files/entry-line.ts';

/** What a line may be, said once more by a schema. */
const entry = z.number().int().min(0).max(MAX_ENTRIES);
const size = z.number().int().min(0);
const file = { p: z.string().length(22), x: z.literal(1).optional() };
const schema = z.discriminatedUnion('k', [
  z.strictObject({
    k: z.literal('f'),
    n: z.array(z.string().min(1)).min(1),
    s: size,
    a: entry.optional(),
    ...file,
  }),
  z.strictObject({ k: z.literal('r'), o: entry, a: entry, s: size }),
  z.strictObject({ k: z.literal('d') }),
  z.strictObject({ k: z.literal('-'), a: entry.optional(), ...file }),
  z.strictObject({ k: z.literal('l'), a: entry.optional(), ...file }),
  z.strictObject({ k: z.literal('s') }),
  z.strictObject({ k: z.literal('t'), o: entry, a: entry.optional() }),
]);

const mark = { path: 'p'.repeat(22), executable: false };
const program = { path: 'é'.repeat(22), executable: true };

const fates: readonly EntryFate[] = [
  { kind: 'kept', names: ['top', 'a "b"\n'], size: 2 ** 53 - 1, again: undefined, file: mark },
  { kind: 'kept', names: ['a'], size: 0, again: 0, file: program },
  { kind: 'replaced', of: MAX_ENTRIES, again: 7, size: 1 },
  { kind: 'folder' },
  { kind: 'none', again: undefined, file: program },
  { kind: 'later', again: 3, file: mark },
  { kind: 'skipped' },
  { kind: 'lost', of: 4 },
  { kind: 'lost', of: 4, again: 2 },
];

/** What a field may be changed into; undefined takes it away. */
const values: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  1,
  -1,
  1.5,
  MAX_ENTRIES,
  MAX_ENTRIES + 1,
  2 ** 53 - 1,
  2 ** 53,
  '',
  'p'.repeat(21),
  'p'.repeat(22),
  'f',
  'r',
  'd',
  '-',
  'l',
  's',
  't',
  [],
  [''],
  ['a', 1],
  ['a', 'b'],
  {},
];

describe('a line of what became of an entry', () => {
  it.each(fates)('is read as it was written: $kind', (fate) => {
    expect(readFate(lineOf(fate))).toEqual(fate);
  });

  it.each(fates)(
    'is taken with any one field changed where a schema takes it, and only there: $kind',
    (fate) => {
      const whole: unknown = JSON.parse(lineOf(fate));
      const verdicts = ['k', 'n', 's', 'a', 'o', 'p', 'x', 'y', '__proto__'].flatMap((field) =>
        values.map((value) => {
          const line = JSON.stringify(Object.fromEntries([...Object.entries(whole ?? {}), [field, value]]));
          return { line, isTaken: readFate(line) !== null };
        }),
      );
      expect(verdicts).toEqual(
        verdicts.map(({ line }) => ({ line, isTaken: schema.safeParse(JSON.parse(line)).success })),
      );
    },
  );

  it.each(['', '{', 'null', '7', '"f"', '[]', '["k"]', '{}', '{"k":"f"} x'])(
    'is none of ours: %s',
    (line) => {
      expect(readFate(line)).toBeNull();
    },
  );
});
