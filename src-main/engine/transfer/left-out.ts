import type { LeftOut } from '../content/contract.ts';

export const NOTHING: LeftOut = { listed: [], count: 0 };

/** What either lists, and how much it is in all. */
export function joined(one: LeftOut, other: LeftOut): LeftOut {
  return { listed: [...one.listed, ...other.listed], count: one.count + other.count };
}
