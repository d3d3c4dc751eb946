import { afterEach, describe, expect, it, vi } from 'vitest';
import { Spare } from '../../../../src-main/engine/content/spare.ts';

afterEach(() => {
  vi.useRealTimers();
});

function workshop() {
  const made: { isLost: boolean; readonly close: ReturnType<typeof vi.fn<() => Promise<void>>> }[] = [];
  const spare = new Spare(() => {
    const worker = { isLost: false, close: vi.fn(() => Promise.resolve()) };
    made.push(worker);
    return worker;
  });
  return { made, spare };
}

describe('a spare worker', () => {
  it('is started once, however often it is announced, and taken once', () => {
    const { made, spare } = workshop();
    spare.warm();
    spare.warm();
    expect(made).toHaveLength(1);
    expect(spare.take()).toBe(made[0]);
    expect(spare.take()).toBe(made[1]);
    expect(made).toHaveLength(2);
  });

  it('that has died is neither kept nor handed out', () => {
    const { made, spare } = workshop();
    spare.warm();
    made.forEach((worker) => (worker.isLost = true));
    spare.warm();
    expect(made).toHaveLength(2);
    made.forEach((worker) => (worker.isLost = true));
    expect(spare.take()).toBe(made[2]);
  });

  it('is made when it is needed and none was announced', () => {
    const { made, spare } = workshop();
    expect(spare.take()).toBe(made[0]);
  });

  it('is ended when nobody takes it for a minute, or all ends; one that was taken is the taker’s', async () => {
    vi.useFakeTimers();
    const { made, spare } = workshop();
    spare.warm();
    spare.take();
    spare.warm();
    vi.advanceTimersByTime(59_000);
    expect(made[1]?.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(made[1]?.close).toHaveBeenCalledOnce();
    spare.warm();
    await spare.close();
    await spare.close();
    expect(made[2]?.close).toHaveBeenCalledOnce();
    expect(made[0]?.close).not.toHaveBeenCalled();
  });
});
