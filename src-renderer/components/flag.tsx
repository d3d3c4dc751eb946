import type { ReactNode } from 'react';
import type { DeviceId } from '../../shared/device-id.ts';

/**
 * A small signal flag drawn from a device's id, so that devices can be told apart at a glance. It is decoration: two devices may
 * have the same one, and nothing is proven by it.
 */

type Colour = 'red' | 'blue' | 'yellow' | 'white' | 'ink';

const PAIRS: readonly (readonly [Colour, Colour])[] = [
  ['blue', 'yellow'],
  ['white', 'red'],
  ['white', 'blue'],
  ['yellow', 'red'],
  ['yellow', 'ink'],
  ['red', 'yellow'],
  ['blue', 'white'],
  ['ink', 'yellow'],
];

/** Each draws its figure in the current colour on a field of 24 × 18. */
const FIGURES: readonly ReactNode[] = [
  <path key="halves" d="M12 0h12v18H12z" />,
  <path key="bands" d="M0 6h24v6H0z" />,
  <path key="cross" d="M9.5 0h5v18h-5zM0 6.5h24v5H0z" />,
  <path key="saltire" d="M0 0h4.5L24 14.6V18h-4.5L0 3.4zM24 0v3.4L4.5 18H0v-3.4L19.5 0z" />,
  <path key="quarters" d="M12 0h12v9H12zM0 9h12v9H0z" />,
  <circle key="disc" cx="12" cy="9" r="5" />,
  <path key="centre" d="M7 5h10v8H7z" />,
  <path key="diagonal" d="M24 0v18H0z" />,
  <path key="diamond" d="M12 1.5 22 9l-10 7.5L2 9z" />,
  <path key="pales" d="M4.8 0h4.8v18H4.8zM14.4 0h4.8v18h-4.8z" />,
];

function digest(id: string): number {
  let value = 7;
  for (let index = 0; index < id.length; index += 1) value = (value * 31 + id.charCodeAt(index)) % 1_000_003;
  return value;
}

interface Props {
  readonly id: DeviceId;
}

export function Flag({ id }: Props) {
  const value = digest(id);
  const [field, figure] = PAIRS[value % PAIRS.length] ?? ['blue', 'white'];
  return (
    <svg className="flag" viewBox="0 0 24 18" aria-hidden="true" focusable="false">
      <rect width="24" height="18" className={`flag-${field}`} />
      <g className={`flag-${figure}`}>{FIGURES[Math.floor(value / PAIRS.length) % FIGURES.length]}</g>
    </svg>
  );
}
