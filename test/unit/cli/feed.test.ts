import { afterEach, describe, expect, it, vi } from 'vitest';
import { Feed } from '../../../src-main/cli/feed.ts';
import type { EngineEvent } from '../../../shared/views.ts';
import { FakeEngine, SELF } from './fake-engine.ts';

const ready = (port: number): EngineEvent => ({ type: 'ready', self: SELF, port });
const portOf = (event: EngineEvent) => (event.type === 'ready' ? event.port : 0);

function limits<T>(overdue: T) {
  const ending = new AbortController();
  return { ending, limits: { signal: ending.signal, onInterrupt: (): T | undefined => undefined, overdue } };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('Feed', () => {
  it('hands on what came before it was read, in order, and stops at the result', async () => {
    const engine = new FakeEngine();
    const feed = new Feed(engine);
    for (const port of [1, 2, 3]) engine.emit(ready(port));
    const seen: number[] = [];
    const step = (until: number) => (event: EngineEvent) => {
      seen.push(portOf(event));
      return portOf(event) === until ? 'found' : undefined;
    };
    expect(await feed.until(step(2), limits('overdue').limits)).toBe('found');
    expect(seen).toEqual([1, 2]);
    const rest = feed.until(step(4), limits('overdue').limits);
    engine.emit(ready(4));
    expect(await rest).toBe('found');
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('rejects with what a step throws', async () => {
    const engine = new FakeEngine();
    const feed = new Feed(engine);
    const read = feed.until(() => {
      throw new RangeError('broken');
    }, limits('overdue').limits);
    engine.emit(ready(1));
    await expect(read).rejects.toThrow('broken');
  });

  it('lets an interrupted command wait for its last word', async () => {
    const engine = new FakeEngine();
    const { ending, limits: bounds } = limits('overdue');
    const read = new Feed(engine).until(() => 'last word', {
      ...bounds,
      onInterrupt: () => {
        queueMicrotask(() => {
          engine.emit(ready(1));
        });
        return undefined;
      },
    });
    ending.abort();
    expect(await read).toBe('last word');
  });

  it('does not wait where there is none to wait for, nor when interrupted before', async () => {
    const { ending, limits: bounds } = limits('overdue');
    ending.abort();
    const read = new Feed(new FakeEngine()).until(() => 'event', { ...bounds, onInterrupt: () => 'at once' });
    expect(await read).toBe('at once');
  });

  it('gives up waiting after a while', async () => {
    vi.useFakeTimers();
    const { ending, limits: bounds } = limits('overdue');
    const read = new Feed(new FakeEngine()).until(() => undefined, bounds);
    ending.abort();
    await vi.runAllTimersAsync();
    expect(await read).toBe('overdue');
  });

  it('ends at its deadline, or goes on', async () => {
    const { limits: bounds } = limits('overdue');
    const over = { after: 1, onDeadline: () => 'over' };
    expect(await new Feed(new FakeEngine()).until(() => undefined, { ...bounds, deadline: over })).toBe(
      'over',
    );

    const engine = new FakeEngine();
    let passed = false;
    const deadline = {
      after: 1,
      onDeadline: () => {
        passed = true;
        engine.emit(ready(1));
        return undefined;
      },
    };
    expect(await new Feed(engine).until(() => `passed ${String(passed)}`, { ...bounds, deadline })).toBe(
      'passed true',
    );
  });
});
