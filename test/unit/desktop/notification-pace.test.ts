import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDeviceId } from '../../../shared/device-id.ts';
import type { EngineEvent, TransferState, TransferView } from '../../../shared/views.ts';
import { createAnnouncer } from '../../../src-main/desktop/announce.ts';
import type { Announcement } from '../../../src-main/desktop/announce.ts';
import { NotificationPace } from '../../../src-main/desktop/notification-pace.ts';
import { OFFERED } from '../../support/offered.ts';
import { deviceId, outcome, running, transferEvent, transferId } from './samples.ts';

const MINUTE_MS = 60_000;
/** After which ends are told. */
const A_MOMENT_MS = 2_500;
const other = { id: formatDeviceId(new Uint8Array(32).fill(8)), name: 'Bob' };
const done: TransferState = { kind: 'done', outcome: outcome() };
const takenBack: TransferState = { kind: 'cancelled', by: 'peer' };
const waiting = {
  kind: 'waiting',
  retryAt: null,
  progress: { bytes: 1, files: 0, bytesPerSecond: 0, secondsLeft: null },
} as const;
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
      ...Array.from({ length: 3 }, () => 'Ada wants to send you files'),
      'Ada: 100 transfers ended',
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
    const { shown, tell } = setUp();
    tell(1, running(1), { direction: 'send' });
    tell(2, running(1), { direction: 'send' });
    tell(3, OFFERED);
    tell(3, running(1));
    for (let count = 10; count < 500; count += 1) {
      tell(count, OFFERED);
      tell(count, lost);
    }
    vi.advanceTimersByTime(MINUTE_MS);
    const before = shown.length;
    for (let count = 500; count < 600; count += 1) tell(count, lost);
    tell(1, done, { direction: 'send' });
    tell(2, lost, { direction: 'send' });
    tell(3, done);
    vi.advanceTimersByTime(A_MOMENT_MS);
    expect(shown.slice(before)).toContainEqual({
      title: 'Ada: 3 transfers ended',
      body: '1 received; 1 sent; 1 not sent.',
    });
  });

  it('is told one by one where it does not end together', () => {
    const { titles, tell } = setUp();
    for (const number of [1, 2, 3, 4, 5]) {
      tell(number, running(1), { direction: 'send' });
      tell(number, done, { direction: 'send' });
      vi.advanceTimersByTime(A_MOMENT_MS);
    }
    expect(titles()).toEqual(Array.from({ length: 5 }, () => 'Ada has received everything'));
  });

  it('is one notification that says how many, where fifteen small files end together', () => {
    const { shown, tell } = setUp();
    for (let count = 1; count <= 15; count += 1) {
      tell(count, OFFERED);
      tell(count, running(1));
      tell(count, done);
    }
    vi.advanceTimersByTime(MINUTE_MS);
    expect(shown.slice(3)).toEqual([{ title: 'Ada: 15 transfers ended', body: '15 received.' }]);
  });

  it('is not called “not received” where most of it came', () => {
    const { shown, tell } = setUp();
    const leftOut = { skipped: [], skippedCount: 1 };
    for (let count = 1; count <= 15; count += 1) {
      tell(count, OFFERED);
      tell(count, running(1));
      tell(count, count > 13 ? { kind: 'incomplete', outcome: outcome(), leftOut } : done);
    }
    vi.advanceTimersByTime(MINUTE_MS);
    expect(shown.at(-1)?.body).toBe('13 received; 2 received, but not all of it.');
  });

  it.each(['no-space', 'destination-unusable', 'destination-changed'] as const)(
    'and waits for a person because of %s is told once, however often it tries again',
    (code) => {
      const { shown, tell } = setUp();
      tell(1, running(1));
      for (let count = 0; count < 5; count += 1) {
        tell(1, { ...waiting, error: { code, message: code } });
        tell(1, running(1));
        vi.advanceTimersByTime(MINUTE_MS);
      }
      expect(shown.map(({ title }) => title)).toEqual(['Files from Ada cannot be saved']);
      expect(shown[0]?.body).toMatch(/goes on by itself\./);
    },
  );

  it('and waits for the other device, or for the disk of that one, is not told', () => {
    const { shown, tell } = setUp();
    tell(1, { ...waiting, error: { code: 'unreachable', message: 'unreachable' } });
    tell(2, { ...waiting, error: { code: 'no-space', message: 'there' } }, { direction: 'send' });
    vi.advanceTimersByTime(MINUTE_MS);
    expect(shown).toEqual([]);
  });
});

describe('what is received without asking', () => {
  it('is one notification that says how many, where it ends together', () => {
    const { shown, tell } = setUp();
    for (let count = 1; count <= 15; count += 1) {
      tell(count, running(1));
      tell(count, count > 12 ? lost : done);
    }
    vi.advanceTimersByTime(MINUTE_MS);
    expect(shown).toEqual([{ title: 'Ada: 15 transfers ended', body: '12 received; 3 not received.' }]);
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

it('the end of what was accepted before a restart is told in a moment, whatever its device does besides', () => {
  const before = transferEvent(running(1), { id: transferId(99) });
  if (before.type !== 'transfer') throw new Error('no transfer');
  const { shown, tell } = setUp([before.transfer]);
  for (let count = 1; count <= 20; count += 1) {
    tell(count, OFFERED);
    tell(count, lost);
  }
  vi.advanceTimersByTime(MINUTE_MS);
  const soFar = shown.length;
  tell(99, done);
  vi.advanceTimersByTime(A_MOMENT_MS);
  expect(shown.slice(soFar).map(({ title }) => title)).toEqual(['Received from Ada']);
});
