import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCoalescer } from '../../../src-main/desktop/coalesce.ts';
import type { EngineEvent } from '../../../shared/views.ts';
import { outcome, running, transferEvent, transferId } from './samples.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function recorder() {
  const events: EngineEvent[] = [];
  const coalescer = createCoalescer((event) => events.push(event), 100);
  const bytes = (): number[] =>
    events.flatMap((event) =>
      event.type === 'transfer' && event.transfer.state.kind === 'running'
        ? [event.transfer.state.progress.bytes]
        : [],
    );
  return { coalescer, events, bytes };
}

describe('progress on its way to the page', () => {
  it('comes at most ten times a second, each time the newest', () => {
    const { coalescer, bytes } = recorder();
    for (let millisecond = 0; millisecond < 1000; millisecond += 1) {
      coalescer.push(transferEvent(running(millisecond)));
      vi.advanceTimersByTime(1);
    }
    expect(bytes().length).toBeGreaterThanOrEqual(9);
    expect(bytes().length).toBeLessThanOrEqual(11);
    expect(bytes()[0]).toBe(0);
    expect(bytes()[1]).toBe(99);
    vi.advanceTimersByTime(100);
    expect(bytes().at(-1)).toBe(999);
  });

  it('keeps the pace after a pause', () => {
    const { coalescer, bytes } = recorder();
    coalescer.push(transferEvent(running(1)));
    coalescer.push(transferEvent(running(2)));
    vi.advanceTimersByTime(100);
    expect(bytes()).toEqual([1, 2]);
    coalescer.push(transferEvent(running(3)));
    expect(bytes()).toEqual([1, 2]);
    vi.advanceTimersByTime(500);
    expect(bytes()).toEqual([1, 2, 3]);
    coalescer.push(transferEvent(running(4)));
    expect(bytes()).toEqual([1, 2, 3, 4]);
  });

  it('of one transfer does not hold back another', () => {
    const { coalescer, bytes } = recorder();
    coalescer.push(transferEvent(running(1), { id: transferId(1) }));
    coalescer.push(transferEvent(running(2), { id: transferId(2) }));
    expect(bytes()).toEqual([1, 2]);
  });

  it('never comes after the end', () => {
    const { coalescer, events } = recorder();
    coalescer.push(transferEvent(running(1)));
    coalescer.push(transferEvent(running(2)));
    coalescer.push(transferEvent({ kind: 'finishing' }));
    coalescer.push(transferEvent({ kind: 'done', outcome: outcome() }));
    vi.advanceTimersByTime(1000);
    expect(events.map((event) => event.type === 'transfer' && event.transfer.state.kind)).toEqual([
      'running',
      'finishing',
      'done',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of counting files is held back alike, and makes way for the real thing', () => {
    const { coalescer, events } = recorder();
    for (const files of [1, 2, 3]) coalescer.push(transferEvent({ kind: 'preparing', files, bytes: 0 }));
    coalescer.push(transferEvent(running(0)));
    vi.advanceTimersByTime(1000);
    expect(events.map((event) => event.type === 'transfer' && event.transfer.state.kind)).toEqual([
      'preparing',
      'running',
    ]);
  });

  it('lets everything else pass at once', () => {
    const { coalescer, events } = recorder();
    coalescer.push(transferEvent(running(1)));
    coalescer.push({ type: 'devices', devices: [] });
    coalescer.push({ type: 'devices', devices: [] });
    expect(events).toHaveLength(3);
  });

  it('stops when told to', () => {
    const { coalescer, events } = recorder();
    coalescer.push(transferEvent(running(1)));
    coalescer.push(transferEvent(running(2)));
    coalescer.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(events).toHaveLength(1);
  });
});
