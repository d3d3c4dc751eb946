import { createHash } from 'node:crypto';

/** Whether every schedule is to be tried, however long it takes: `SEALANE_SCHEDULES=all`. */
const ALL = process.env['SEALANE_SCHEDULES'] === 'all';

/** Only the gates whose name fits are tried: `SEALANE_SCHEDULES_AT='rename job'`, a regular expression. */
const AT = new RegExp(process.env['SEALANE_SCHEDULES_AT'] ?? '');

/** What each process does for itself, every second: not what these schedules are about. */
const BESIDE = / (devices|invites|settings|history)(\.copy)?\.json| store\.holder| (sender|receiver) #/;

/** What part of a small number of schedules goes to waits of that kind. */
const BESIDE_SHARE = 0.2;

/**
 * As many gates as there may be, in the order of the run. Each kind of gate comes before a second one of its kind; among equals `name`
 * decides, so that pairs that are alike do not all try the same.
 */
export function chooseGates(all: readonly string[], budget: number, name: string): readonly string[] {
  const gates = all.filter((gate) => AT.test(gate));
  if (ALL || gates.length <= budget) return gates;
  const rank = (gate: string) => createHash('sha256').update(name).update(gate).digest('hex');
  const nth = (gate: string) => Number(gate.slice(gate.lastIndexOf('#') + 1));
  const isRepeated = (gate: string) => (nth(gate) > 1 ? 1 : 0);
  const best = (some: readonly string[], wanted: number) =>
    [...some].sort((a, b) => isRepeated(a) - isRepeated(b) || (rank(a) < rank(b) ? -1 : 1)).slice(0, wanted);
  const beside = best(
    gates.filter((gate) => BESIDE.test(gate)),
    Math.floor(budget * BESIDE_SHARE),
  );
  const others = best(
    gates.filter((gate) => !BESIDE.test(gate)),
    budget - beside.length,
  );
  const chosen = new Set([...beside, ...others]);
  return gates.filter((gate) => chosen.has(gate));
}

/** Numbers from 1 to `steps`, `budget` of them, evenly spread over the whole range. */
export function chooseSteps(steps: number, budget: number): readonly number[] {
  const wanted = ALL ? steps : Math.min(steps, budget);
  return Array.from({ length: wanted }, (_, index) => 1 + Math.floor(((index + 0.5) * steps) / wanted));
}
