import { hasEnded, standing } from './device.ts';
import { demand } from './untruth.ts';
import type { World } from './world.ts';

/** How a side may say that it ended, and what somebody must have done for that; one of these is enough. */
const BECAUSE: Readonly<Record<'sender' | 'receiver', readonly (readonly [RegExp, readonly string[]])[]>> = {
  sender: [
    [/^cancelled by me$/, ['sender cancels']],
    [/^cancelled by peer$/, ['receiver cancels']],
    [/^declined$/, ['receiver declines']],
    [/^failed \(device-unknown\)$/, ['sender forgets']],
    [/^failed \((not-trusted|device-forgotten)\)$/, ['sender forgets', 'receiver forgets']],
    // The command to send had not been taken when trust was taken back.
    [/^nothing$/, ['sender forgets']],
  ],
  receiver: [
    [/^cancelled by me$/, ['receiver cancels']],
    [/^cancelled by peer$/, ['sender cancels']],
    [/^declined$/, ['receiver declines']],
    [/^failed \((not-trusted|device-forgotten)\)$/, ['sender forgets', 'receiver forgets']],
    // It may never have heard of it.
    [/^nothing$/, ['sender cancels', 'sender forgets', 'receiver forgets']],
  ],
};

/**
 * Demands that what both sides say of the end is one story, and true of the disk: done is what is there with every byte the same, and
 * of what is not done nothing is there. Done on one side only: the receiver, whose last word a sender does not hear that gave up, or
 * was forgotten, while it was on its way. Every other end has somebody who wanted it.
 */
export async function demandTruth(world: World): Promise<void> {
  const [sender, receiver] = [standing(world.view(world.sender)), standing(world.view(world.receiver))];
  const both = `the sender says ${sender}, and the receiver says ${receiver}`;
  if (receiver === 'done') {
    const difference = await world.difference();
    demand(difference === undefined, `${both}, and ${String(difference)}`);
  } else {
    const left = await world.received();
    demand(left.length === 0, `${both}, and ${left.join(', ')} is there`);
    demand(sender !== 'done', both);
  }
  for (const side of ['sender', 'receiver'] as const) {
    const says = side === 'sender' ? sender : receiver;
    if (says === 'done') continue;
    const reasons = BECAUSE[side].find(([end]) => end.test(says))?.[1] ?? [];
    demand(
      reasons.some((reason) => world.acted.has(reason)),
      `${both}, and who did was: ${[...world.acted].join(', ') || 'nobody'}`,
    );
  }
  for (const { options, late } of [world.sender, world.receiver])
    demand(late.length === 0, `the ${options.name} had closed, and then: ${late.join(', ')}`);
  demandCutOff(world);
}

/** What a device says to go on with a transfer. */
const AGREES = ['send accept', 'send offer', 'send start'];

/** Demands that a device that was forgotten got no further from then on. */
function demandCutOff(world: World): void {
  if (world.forgotten === undefined) return;
  const { side, calls, wasAcross } = world.forgotten;
  const device = world[side];
  const said = device.keeper.calls.slice(calls).filter((call) => AGREES.includes(call));
  demand(said.length === 0, `the ${side} has forgotten, and then: ${said.join(', ')}`);
  const alive = device.views.filter((view) => !hasEnded(view));
  demand(alive.length === 0, `the ${side} has forgotten, and a transfer is ${alive.map(standing).join()}`);
  const arrived = standing(world.view(world.receiver)) === 'done';
  demand(side === 'sender' || wasAcross || !arrived, 'the receiver has forgotten, and then it arrived');
}

/** Demands that both sides have it, with every byte the same. */
export async function demandArrival(world: World): Promise<void> {
  const [sender, receiver] = [standing(world.view(world.sender)), standing(world.view(world.receiver))];
  const both = `the sender says ${sender}, and the receiver says ${receiver}`;
  demand(sender === 'done' && receiver === 'done', `it did not arrive: ${both}`);
  await demandTruth(world);
}
