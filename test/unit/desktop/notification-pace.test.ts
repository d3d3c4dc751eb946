import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDeviceId } from '../../../shared/device-id.ts';
import type { EngineEvent, TransferState, TransferView } from '../../../shared/views.ts';
import { createAnnouncer } from '../../../src-main/desktop/announce.ts';
import type { Announcement } from '../../../src-main/desktop/announce.ts';
import { NotificationPace } from '../../../src-main/desktop/notification-pace.ts';
import { OFFERED } from '../../support/offered.ts';
import { deviceId, outcome, running, transferEvent, transferId } from './samples.ts';

const MINUTE_MS = 60_000;
const other = { id: formatDeviceId(new Uint8Array(32).fill(8)), name: 'Bob' };
const done: TransferState = { kind: 'done', outcome: outcome() };
const takenBack: TransferState = { kind: 'cancelled', by: 'peer' };
const lost: TransferState = { kind: 'failed', error: { code: 'connection-lost', message: 'Lost.' } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(transfers: readonly TransferView[] = []) {
  const shown: Announcement[] = [];
  const watched = { now: false };
  const announce = createAnnouncer();
  const pace = new NotificationPace({
    show: (announcement) => shown.push(announcement),
    isWatched: () => watched.now,
    now: () => performance.now(),
    transfers,
  });
  const see = (event: EngineEvent) => {
    pace.observe(event, announce(event));
  };
  const tell = (number: number, state: TransferState, change: Partial<TransferView> = {}) => {
    see(transferEvent(state, { id: transferId(number), ...change }));
  };
  return { pace, shown, titles: () => shown.map(({ title }) => title), watched, see, tell };
}

describe('what one device offers', () => {
  it('is told three times at once, and then all together', () => {
    const { shown, titles, tell } = setUp();
    for (let count = 1; count <= 15; count += 1) tell(count, OFFERED);
    expect(titles()).toEqual(Array.from({ length: 3 }, () => 'Ada wants to send you files'));
    vi.advanceTimersByTime(MINUTE_MS);
    expect(shown.slice(3)).toEqual([{ title: 'Ada: 12 more offers', body: 'Open Sealane to answer.' }]);
  });

  it('and takes back, 560 times as fast as it likes, makes a handful of notifications, and waits for nobody', () => {
    const { pace, titles, tell } = setUp();
    for (let count = 1; count <= 560; count += 1) {
      tell(count, OFFERED);
      vi.advanceTimersByTime(10);
      tell(count, takenBack);
      vi.advanceTimersByTime(54);
    }
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect(titles().length).toBeLessThanOrEqual(6);
    expect(vi.getTimerCount()).toBe(0);
    expect(pace.size).toBeLessThanOrEqual(2);
  });

  it('and loses by hanging up is gathered as well', () => {
    const { titles, tell } = setUp();
    for (let count = 1; count <= 100; count += 1) {
      tell(count, OFFERED);
      tell(count, lost);
    }
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect(titles()).toEqual([
      'Ada wants to send you files',
      'Not received from Ada',
      'Ada wants to send you files',
      'Not received from Ada',
      'Ada wants to send you files',
      'Not received from Ada',
      'Ada: 97 more transfers ended',
    ]);
  });

  it('is counted once it is still there, not when it was answered meanwhile', () => {
    const { titles, tell } = setUp();
    for (let count = 1; count <= 8; count += 1) tell(count, OFFERED);
    tell(7, running(1));
    tell(8, takenBack);
    vi.advanceTimersByTime(MINUTE_MS);
    expect(titles().at(-1)).toBe('Ada: 3 more offers');
  });

  it('takes nothing from another device', () => {
    const { titles, tell } = setUp();
    for (let count = 1; count <= 100; count += 1) tell(count, OFFERED);
    tell(200, OFFERED, { device: other });
    expect(titles()).toContain('Bob wants to send you files');
  });

  it('is told at once again after a quiet while', () => {
    const { titles, tell } = setUp();
    for (let count = 1; count <= 9; count += 1) tell(count, OFFERED);
    vi.advanceTimersByTime(10 * MINUTE_MS);
    tell(10, OFFERED);
    expect(titles().at(-1)).toBe('Ada wants to send you files');
  });
});

describe('what this user has begun or accepted', () => {
  it('is told when it ends, in the middle of whatever the same device floods with', () => {
    const { titles, tell } = setUp();
    tell(1, running(1), { direction: 'send' });
    tell(2, running(1), { direction: 'send' });
    tell(3, OFFERED);
    tell(3, running(1));
    for (let count = 10; count < 500; count += 1) {
      tell(count, OFFERED);
      tell(count, lost);
    }
    const before = titles().length;
    tell(1, done, { direction: 'send' });
    tell(2, lost, { direction: 'send' });
    tell(3, done);
    expect(titles().slice(before)).toEqual([
      'Ada has received everything',
      'Not sent to Ada',
      'Received from Ada',
    ]);
  });
});

describe('what is received without asking', () => {
  it('is told three times at once, and then all together', () => {
    const { titles, tell } = setUp();
    for (let count = 1; count <= 15; count += 1) {
      tell(count, running(1));
      tell(count, done);
    }
    vi.advanceTimersByTime(MINUTE_MS);
    expect(titles()).toEqual([
      ...Array.from({ length: 3 }, () => 'Received from Ada'),
      'Ada: 12 more transfers ended',
    ]);
  });
});

describe('a user who looks at the window', () => {
  it('is told of nothing, then or later', () => {
    const { titles, watched, tell } = setUp();
    for (let count = 1; count <= 9; count += 1) tell(count, OFFERED);
    watched.now = true;
    tell(10, OFFERED);
    vi.advanceTimersByTime(MINUTE_MS);
    watched.now = false;
    vi.advanceTimersByTime(MINUTE_MS);
    expect(titles()).toHaveLength(3);
  });
});

describe('what is remembered', () => {
  it('goes with the device, and with the app', () => {
    const { pace, titles, see, tell } = setUp();
    for (let count = 1; count <= 9; count += 1) tell(count, OFFERED);
    for (let count = 1; count <= 9; count += 1) tell(count, lost);
    see({ type: 'devices', devices: [] });
    expect(pace.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    for (let count = 1; count <= 9; count += 1)
      tell(count, OFFERED, { device: { id: deviceId, name: 'Ada' } });
    expect(vi.getTimerCount()).toBe(1);
    pace.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(titles().some((title) => title.includes('more'))).toBe(false);
  });
});

it('the end of what was accepted before a restart is told at once, whatever its device does besides', () => {
  const before = transferEvent(running(1), { id: transferId(99) });
  if (before.type !== 'transfer') throw new Error('no transfer');
  const { shown, tell } = setUp([before.transfer]);
  for (let count = 1; count <= 20; count += 1) {
    tell(count, OFFERED);
    tell(count, lost);
  }
  const soFar = shown.length;
  tell(99, done);
  expect(shown.slice(soFar).map(({ title }) => title)).toEqual(['Received from Ada']);
});
