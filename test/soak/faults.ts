import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '../../shared/unreachable.ts';
import { DEAD_AFTER_MS } from '../../shared/limits.ts';
import type { Random } from './random.ts';
import type { Scene } from './scene.ts';

/** Everything that is done to a transfer while it is under way. */
export const FAULTS = [
  'kill receiver',
  'kill sender',
  'kill both',
  'end receiver',
  'end sender',
  'cut',
  'reset',
  'refuse',
  'stall',
  'move receiver',
  'disk full',
  'source changed',
] as const;
export type Fault = (typeof FAULTS)[number];

/** How often each is chosen. A stall takes as long as a line may be silent, so it is rare. */
const WEIGHTS: Readonly<Record<Fault, number>> = {
  'kill receiver': 4,
  'kill sender': 4,
  'kill both': 2,
  'end receiver': 1,
  'end sender': 1,
  cut: 4,
  reset: 4,
  refuse: 3,
  stall: 0.5,
  'move receiver': 1,
  'disk full': 3,
  'source changed': 3,
};

/** When it happens: once so much of the total has crossed since the last one, or after so many milliseconds. */
export type Moment = { readonly share: number } | { readonly ms: number };

export interface PlannedFault {
  readonly fault: Fault;
  readonly at: Moment;
}

/** What is to happen to one transfer, in order. */
export function planFaults(random: Random, canFillDisk: boolean): readonly PlannedFault[] {
  const choices = FAULTS.filter((fault) => fault !== 'disk full' || canFillDisk).map(
    (fault) => [fault, WEIGHTS[fault]] as const,
  );
  const plan: PlannedFault[] = [];
  for (let left = random.weighted([0, 1, 2, 3, 4, 5].map((n) => [n, n === 0 ? 1 : 2])); left > 0; left -= 1) {
    const at = random.chance(0.75) ? { share: random.next() * 0.7 } : { ms: random.magnitude(1, 1500) };
    plan.push({ fault: random.weighted(choices), at });
  }
  // Past the proxy nothing can be done to the line any more: whoever has moved is found without it.
  const moves = plan.filter(({ fault }) => fault === 'move receiver').slice(0, 1);
  return [...plan.filter(({ fault }) => fault !== 'move receiver'), ...moves];
}

/** Does it, and what has to be done afterwards so that the transfer can go on. False when there was nothing to do it to. */
export async function inject(fault: Fault, scene: Scene, random: Random): Promise<boolean> {
  const { proxy } = scene;
  const aWhile = () => sleep(random.magnitude(1, 2000));
  switch (fault) {
    case 'kill receiver':
      await scene.endReceiver('SIGKILL');
      await aWhile();
      await scene.startReceiver();
      return true;
    case 'kill sender':
      await scene.endSender('SIGKILL');
      await aWhile();
      await scene.startSender();
      return true;
    case 'kill both':
      await Promise.all([scene.endReceiver('SIGKILL'), scene.endSender('SIGKILL')]);
      await aWhile();
      await scene.startReceiver();
      await scene.startSender();
      return true;
    case 'end receiver':
      await scene.endReceiver('SIGTERM');
      await aWhile();
      await scene.startReceiver();
      return true;
    case 'end sender':
      await scene.endSender('SIGTERM');
      await aWhile();
      await scene.startSender();
      return true;
    case 'cut':
      proxy.cut();
      return true;
    case 'reset':
      proxy.reset();
      return true;
    case 'refuse':
      proxy.refuse();
      await sleep(random.magnitude(100, 8000));
      proxy.pass();
      return true;
    case 'stall':
      proxy.stall();
      await sleep(random.chance(0.5) ? random.between(100, 3000) : DEAD_AFTER_MS + 1000);
      proxy.pass();
      return true;
    case 'move receiver':
      // A sender that it has not talked to it cannot tell.
      if (!scene.hasTalked) return false;
      await scene.endReceiver('SIGKILL');
      proxy.refuse();
      await aWhile();
      await scene.startReceiver({ behindProxy: false });
      return true;
    case 'disk full': {
      const { disk } = scene;
      // What has no room from the beginning is refused, and that is no fault.
      if (disk === undefined || !scene.isAgreed) return false;
      disk.fill();
      await sleep(random.magnitude(100, 5000));
      disk.clear();
      return true;
    }
    case 'source changed':
      // Before that it may not have been looked at yet.
      if (!scene.isOffered) return false;
      return (await scene.tree.change()) !== undefined;
    default:
      return unreachable(fault);
  }
}
