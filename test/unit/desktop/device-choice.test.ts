import { describe, expect, it } from 'vitest';
import { deviceChoice } from '../../../src-main/desktop/device-choice.ts';
import type { DeviceView } from '../../../shared/views.ts';
import { deviceView } from '../../support/device-view.ts';
import { generateIdentity } from '../../../src-main/engine/identity/identity.ts';

async function device(name: string, lastSeen: number | null = null): Promise<DeviceView> {
  return deviceView((await generateIdentity()).id, name, { lastSeen });
}

describe('the question which device to send to', () => {
  it.each(['Cancel', 'OK', 'To “Laptop”', '', 'Cancel\n', '\u202elecnaC'])(
    'has no button that looks like another one of its own for a device that calls itself %j',
    async (name) => {
      const hostile = await device(name, 2);
      const laptop = await device('Laptop', 1);
      const { buttons, none, deviceAt } = deviceChoice([laptop, hostile], 1);
      expect(new Set(buttons).size).toBe(3);
      expect(buttons.slice(0, 2).every((text) => /^To “.*”$/.test(text))).toBe(true);
      expect(buttons.at(-1)).toBe('Cancel');
      expect([deviceAt(0), deviceAt(1), deviceAt(none)]).toEqual([hostile.id, laptop.id, undefined]);
    },
  );

  it('says what to do first where no device is paired', () => {
    const { buttons, deviceAt, detail } = deviceChoice([], 1);
    expect([buttons, deviceAt(0)]).toEqual([['OK'], undefined]);
    expect(detail).toContain('Pair');
  });
});
