import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  POSIX_RULES,
  WINDOWS_RULES,
  freeName,
  pathFault,
  portableName,
} from '../../../src-main/engine/files/names.ts';
import type { NameRules } from '../../../src-main/engine/files/names.ts';
import { stepComparison } from '../../../src-main/engine/pairing/comparison.ts';
import type {
  ComparisonEffect,
  ComparisonEvent,
  ComparisonState,
} from '../../../src-main/engine/pairing/comparison.ts';
import { Markdown } from './markdown.ts';

/** The states and the rules of names in docs/protocol.md, played through the code. */
const protocol = new Markdown('docs/protocol.md');
const textSchema = z.string();
const parseText = (json: string): string => textSchema.parse(JSON.parse(json));

describe('comparing codes', () => {
  const states: Readonly<Record<string, ComparisonState>> = {
    asking: { kind: 'asking' },
    confirmed: { kind: 'confirmed' },
    'peer-confirmed': { kind: 'peer-confirmed' },
    storing: { kind: 'storing', peerStored: false },
    'storing+': { kind: 'storing', peerStored: true },
    stored: { kind: 'stored' },
    paired: { kind: 'paired' },
    'refused by me': { kind: 'refused', by: 'me' },
    'refused by peer': { kind: 'refused', by: 'peer' },
  };
  const events: Readonly<Record<string, ComparisonEvent>> = {
    'user yes': { kind: 'user-answered', matches: true },
    'user no': { kind: 'user-answered', matches: false },
    'peer yes': { kind: 'peer-answered', matches: true },
    'peer no': { kind: 'peer-answered', matches: false },
    stored: { kind: 'stored' },
    'peer stored': { kind: 'peer-stored' },
  };
  const effects: Readonly<Record<string, ComparisonEffect>> = {
    'send verdict yes': { kind: 'send-verdict', matches: true },
    'send verdict no': { kind: 'send-verdict', matches: false },
    'send stored': { kind: 'send-stored' },
    'store trust': { kind: 'store-trust' },
  };
  const rows = protocol.table('6.4 Comparing', ['State', 'Event', 'Next', 'Effects']);
  const pairs = Object.entries(states).flatMap(([name, state]) =>
    Object.entries(events).map(([eventName, event]) => ({ name, state, eventName, event })),
  );

  it('has these steps and no others', () => {
    expect(pairs.filter(({ state, event }) => stepComparison(state, event) !== undefined)).toHaveLength(
      rows.length,
    );
  });

  it.each(pairs)('$eventName while $name', ({ name, state, eventName, event }) => {
    const found = rows.filter((row) => row.code('State') === name && row.code('Event') === eventName);
    const [row] = found;
    expect(found.length).toBeLessThanOrEqual(1);
    expect(stepComparison(state, event)).toEqual(
      row && {
        state: states[row.code('Next')],
        effects: row.codes('Effects').map((effect) => effects[effect]),
      },
    );
  });
});

describe('names', () => {
  it.each(
    protocol
      .table('9. Names', ['Path', 'Verdict'])
      .map((row) => [row.code('Path'), row.text('Verdict')] as const),
  )('%s is %s', (path, verdict) => {
    const fault = pathFault(z.array(textSchema).parse(JSON.parse(path)));
    expect(fault === undefined ? 'fine' : 'refused').toBe(verdict);
  });

  it.each(
    protocol
      .table('9. Names', ['Name', 'Elsewhere', "By Windows' rules"])
      .map((row) => [row.code('Name'), row.code('Elsewhere'), row.code("By Windows' rules")] as const),
  )('%s becomes %s, and %s by the rules of Windows', (given, elsewhere, windows) => {
    const name = parseText(given);
    const become = (rules: NameRules) => JSON.stringify(portableName(name, rules));
    expect([become(POSIX_RULES), become(WINDOWS_RULES)]).toEqual([elsewhere, windows]);
  });

  it.each(
    protocol
      .table('9. Names', ['Name', 'Kind', 'The second'])
      .map(
        (row) =>
          [
            row.code('Name'),
            z.enum(['file', 'folder']).parse(row.code('Kind')),
            row.code('The second'),
          ] as const,
      ),
  )('%s, a %s, is followed by %s', (name, kind, second) => {
    expect(freeName(parseText(name), 2, kind)).toBe(parseText(second));
  });
});
