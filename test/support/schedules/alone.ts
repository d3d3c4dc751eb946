import { cancels } from './acts.ts';
import { hasEnded } from './device.ts';
import type { World } from './world.ts';

/**
 * A sender that cancels, or forgets, while the receiver is not connected can tell it nothing, and the receiver waits: its user finds
 * it waiting, and cancels there, as Outgoing says. Ends it so, and says whether all is over.
 */
export async function isOverFor(world: World): Promise<boolean> {
  const { sender, receiver } = world;
  // One that resumes at once was away as well, also where no view said that it had paused.
  const hasPaused = receiver.told.includes('paused') || world.acted.has('receiver pauses');
  const wasAway = world.closed.has('receiver') || hasPaused;
  const sent = world.view(sender);
  if (wasAway && receiver.isOpen && sent !== undefined && hasEnded(sent)) {
    // What it still may hear, it hears first.
    if (world.view(receiver)?.state.kind === 'waiting') await world.quiet(1_000);
    if (world.view(receiver)?.state.kind === 'waiting') await cancels('receiver').does(world);
  }
  return await world.isOver();
}
