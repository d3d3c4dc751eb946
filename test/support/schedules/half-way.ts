import type { World } from './world.ts';

/** The wait of the sender at which a transfer stands: some chunks are across, and some are not. */
const MIDDLE = 'after sendFrame #2';

const held = new WeakMap<World, () => void>();

/** Sends, and stops the sender in the middle. Resolves when both stand still. */
export async function halfWay(world: World): Promise<void> {
  let letGo: () => void = () => undefined;
  const release = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  held.set(world, letGo);
  const reached = new Promise<void>((resolve) => {
    world.sender.keeper.count((gate) => {
      if (gate !== MIDDLE) return undefined;
      resolve();
      return release;
    });
  });
  await world.send();
  await reached;
  await world.quiet();
  world.sender.keeper.startAnew();
}

/** Lets the sender go on from where `halfWay` has stopped it. */
export function goOn(world: World): void {
  held.get(world)?.();
}
