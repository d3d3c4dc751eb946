import { openStore } from '../../../src-main/engine/store/store.ts';
import { namesIn } from '../tree.ts';
import { standing } from './device.ts';
import { demand } from './untruth.ts';
import type { World } from './world.ts';

export type Side = 'sender' | 'receiver';

/** Something that the user of one side does to the transfer, or to the program. */
export interface Act {
  readonly side: Side;
  /** To follow "the sender": `cancels`. */
  readonly what: string;
  readonly does: (world: World) => Promise<unknown>;
  /** What the user does about it later. */
  readonly afterwards?: (world: World) => Promise<unknown>;
}

/** Does something to the transfer where there is one to do it to, and notes that it could be done. */
async function act(
  world: World,
  side: Side,
  what: string,
  call: 'cancelTransfer' | 'pauseTransfer' | 'resumeTransfer',
) {
  const { id } = world;
  if (id === undefined || !world[side].isOpen) return;
  if (await world[side].tries((engine) => engine[call](id))) world.acted.add(`${side} ${what}`);
}

export const cancels = (side: Side): Act => ({
  side,
  what: 'cancels',
  does: (world) => act(world, side, 'cancels', 'cancelTransfer'),
});

/** Goes on later. */
export const pauses = (side: Side): Act => ({
  side,
  what: 'pauses',
  does: (world) => act(world, side, 'pauses', 'pauseTransfer'),
  afterwards: (world) => act(world, side, 'resumes', 'resumeTransfer'),
});

/** At once. */
export const pausesAndResumes = (side: Side): Act => ({
  side,
  what: 'pauses and resumes',
  does: async (world) => {
    await act(world, side, 'pauses', 'pauseTransfer');
    await act(world, side, 'resumes', 'resumeTransfer');
  },
  // Where the second command came too late because the program was closing, it is given again.
  afterwards: async (world) => {
    if (standing(world.view(world[side])) === 'paused by me') await resumes(side).does(world);
  },
});

export const resumes = (side: Side): Act => ({
  side,
  what: 'resumes',
  does: (world) => act(world, side, 'resumes', 'resumeTransfer'),
});

/** Says no, instead of yes, as soon as it is asked. */
export const declines: Act = {
  side: 'receiver',
  what: 'declines',
  does: async (world) => {
    const { receiver } = world;
    receiver.answer = () => undefined;
    const view = receiver.views.find(({ state }) => state.kind === 'offered');
    if (view === undefined || !(await receiver.declines(view))) return;
    world.acted.add(receiver.hasAccepted ? 'receiver cancels' : 'receiver declines');
  },
  // Who was not asked yet says no when it is, and who has said yes already lets it be.
  afterwards: (world) => {
    const { receiver } = world;
    receiver.answer = () => {
      world.acted.add('receiver declines');
      return 'decline';
    };
    return Promise.resolve();
  },
};

export const forgets = (side: Side): Act => ({
  side,
  what: 'forgets the other',
  does: async (world) => {
    const device = world[side];
    const other = world.other(device).id;
    if (!device.isOpen) return;
    // The other one is unknown from the call on, before that is written.
    world.acted.add(`${side} forgets`);
    if (await device.tries((engine) => engine.forgetDevice(other))) notesForgetting(world, side);
  },
});

/** In another process on the same profile; it counts from when the one that transfers has heard of it. */
export const forgetsElsewhere = (side: Side): Act => ({
  side,
  what: 'forgets the other in another process',
  does: async (world) => {
    const device = world[side];
    const other = world.other(device).id;
    const heard = device.hears((event) =>
      event.type === 'devices' && event.devices.every(({ id }) => id !== other) ? true : undefined,
    );
    const { profile, name } = device.options;
    const store = await openStore({ profile, defaultName: name, now: Date.now });
    await store.devices.remove(other);
    await store.close();
    await heard;
    notesForgetting(world, side);
  },
});

function notesForgetting(world: World, side: Side): void {
  const device = world[side];
  world.acted.add(`${side} forgets`);
  // Being put in place, it is no longer at the other's mercy.
  const wasAcross = device.views.some(({ state }) => state.kind === 'finishing' || state.kind === 'done');
  world.forgotten = { side, calls: device.keeper.calls.length, wasAcross };
}

/** Closes the program and starts it again later; nothing may be written in between. */
export const closes = (side: Side): Act => ({
  side,
  what: 'closes',
  does: async (world) => {
    await world[side].close();
    world.closed.add(side);
    world.left.set(side, await everythingOf(world, side));
  },
  afterwards: async (world) => {
    const device = world[side];
    if (device.isOpen) return;
    await world.quiet();
    const now = await everythingOf(world, side);
    const before = new Set(world.left.get(side));
    const written = now.filter((name) => !before.has(name));
    demand(written.length === 0, `the ${side} had closed, and then appeared ${written.join(', ')}`);
    await device.open({ resumeSends: true, announces: true });
    // One whose command was refused because the program was closing gives it again.
    if (side === 'sender' && world.id === undefined) await world.send();
  },
});

/** Every name in the profile of a side, and in the destination where it is the receiver's. */
async function everythingOf(world: World, side: Side): Promise<readonly string[]> {
  const folders = [world[side].options.profile, ...(side === 'receiver' ? [world.into] : [])];
  return (await Promise.all(folders.map((folder) => namesIn(folder)))).flat();
}
