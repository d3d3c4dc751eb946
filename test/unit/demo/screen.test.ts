import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Screen } from '../../demo/screen.ts';
import { Capture } from '../cli/fake-host.ts';

describe('what the demo says of something under way', () => {
  it('is one line that changes, on a terminal', () => {
    const out = new Capture(true);
    const screen = new Screen(out, {});
    screen.progress(() => '10%');
    // Too soon after the last one.
    screen.progress(() => '11%');
    screen.say('Sent.');
    expect(out.text).toBe('\r\u001b[K   10%\r\u001b[K   Sent.\n');
  });

  it('is a line now and then, to a pipe, and soon enough for what takes a second', async () => {
    const out = new Capture();
    const screen = new Screen(out, {});
    screen.step('Sending');
    screen.progress(() => '1%');
    expect(out.lines).toEqual(['', '1. Sending']);
    await pause(350);
    screen.progress(() => '40%');
    screen.progress(() => '41%');
    expect(out.lines.slice(2)).toEqual(['   40%']);
    screen.step('Comparing');
    screen.progress(() => '2%');
    expect(out.lines.slice(3)).toEqual(['', '2. Comparing']);
  });
});
