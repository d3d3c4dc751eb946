import { describe, expect, it } from 'vitest';
import { AnnouncedStates, createAnnouncer } from '../../../src-main/desktop/announce.ts';
import { deviceId, outcome, running, transferEvent, transferId } from './samples.ts';
import type { TransferState } from '../../../shared/views.ts';
import { OFFERED, item, items } from '../../support/offered.ts';

describe('notifications', () => {
  it('say who offers what', () => {
    expect(createAnnouncer()(transferEvent(OFFERED))).toEqual({
      title: 'Ada wants to send you files',
      body: 'Holiday (2 files, 1.5 MB)',
    });
  });

  it('say once that a transfer is done, on either side', () => {
    const announce = createAnnouncer();
    const done = { kind: 'done', outcome: outcome() } as const;
    expect(announce(transferEvent(running(1)))).toBeUndefined();
    expect(announce(transferEvent({ kind: 'finishing' }))).toBeUndefined();
    expect(announce(transferEvent(done))?.title).toBe('Received from Ada');
    expect(announce(transferEvent(done))).toBeUndefined();
    expect(createAnnouncer()(transferEvent(done, { direction: 'send' }))?.title).toBe(
      'Ada has received everything',
    );
  });

  it('do not call complete what is not', () => {
    const leftOut = { skipped: [], skippedCount: 1 };
    const end = { kind: 'incomplete', outcome: outcome(), leftOut } as const;
    const sent = createAnnouncer()(transferEvent(end, { direction: 'send' }));
    expect(sent?.title).toBe('Ada has not received everything');
    expect(sent?.body).toContain('1 item did not arrive');
    const received = createAnnouncer()(transferEvent(end));
    expect(received?.title).toBe('Received from Ada, but not everything');
    expect(received?.body).toContain('1 item did not arrive');
  });

  it('give the reason of a failure', () => {
    const failed = { kind: 'failed', error: { code: 'no-space', message: 'There is no room.' } } as const;
    expect(createAnnouncer()(transferEvent(failed))).toEqual({
      title: 'Not received from Ada',
      body: 'There is no room.',
    });
  });

  it('are silent about what this user did', () => {
    const announce = createAnnouncer();
    expect(announce(transferEvent(OFFERED, { direction: 'send' }))).toBeUndefined();
    expect(announce(transferEvent({ kind: 'declined' }))).toBeUndefined();
    expect(announce(transferEvent({ kind: 'cancelled', by: 'me' }))).toBeUndefined();
    expect(announce({ type: 'devices', devices: [] })).toBeUndefined();
  });

  it('say before a yes what is hidden and what is a program, wherever it lies', () => {
    const offer = transferEvent(OFFERED, { hiddenCount: 3, programCount: 1 });
    expect(createAnnouncer()(offer)?.body).toBe(
      'Contains 3 hidden items and 1 program. Holiday (2 files, 1.5 MB)',
    );
  });

  it('say before a yes how many folders there are, in front of any name', () => {
    const many = { items: [item('x'.repeat(255), { kind: 'folder' })], totalFolders: 20_000 };
    const told = (change: object): string | undefined =>
      createAnnouncer()(transferEvent(OFFERED, { itemCount: 1, ...change }))?.body;
    expect(told(many)).toMatch(/^Contains 20,000 folders\. x/);
    expect(told({ ...many, programCount: 1 })).toMatch(/^Contains 20,000 folders, 1 program\. x/);
    expect(told({ ...many, totalFolders: 1 })).toMatch(/^x/);
  });

  it('are made of a memory that does not grow with 300,000 offers, however each of them ends', () => {
    const states = new AnnouncedStates();
    const announce = createAnnouncer(states);
    const ends: readonly TransferState[] = [
      { kind: 'cancelled', by: 'peer' },
      { kind: 'declined' },
      { kind: 'failed', error: { code: 'connection-lost', message: 'Lost.' } },
      { kind: 'done', outcome: outcome() },
    ];
    let most = 0;
    let told = 0;
    for (let count = 0; count < 300_000; count += 1) {
      const id = transferId(count);
      const end = ends[count % ends.length] ?? OFFERED;
      for (const state of [OFFERED, end, end]) {
        if (announce(transferEvent(state, { id })) !== undefined) told += 1;
        most = Math.max(most, states.size);
      }
    }
    expect(most).toBeLessThanOrEqual(65);
    // Each offer, and each end that this user had no part in, once.
    expect(told).toBe(450_000);
  });

  it('say once more that something is offered, when it was lost and is offered again under its id', () => {
    const announce = createAnnouncer();
    const lost = { kind: 'failed', error: { code: 'connection-lost', message: 'Lost.' } } as const;
    expect(announce(transferEvent(OFFERED))).toBeDefined();
    expect(announce(transferEvent(lost))).toBeDefined();
    expect(announce(transferEvent(lost))).toBeUndefined();
    expect(announce(transferEvent(OFFERED))).toBeDefined();
    expect(announce(transferEvent(lost))).toBeDefined();
  });

  it('cannot be made to mislead or to flood', () => {
    const hostile = transferEvent(OFFERED, {
      device: { id: deviceId, name: `\u202e${'x'.repeat(500)}` },
      items: items('fine\u202egpj.exe\n\u001b[31m', 'other'),
      itemCount: 3,
    });
    const announcement = createAnnouncer()(hostile);
    expect(announcement?.title).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(announcement?.body).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(announcement?.body).toContain('\\u{202e}');
    expect(Array.from(announcement?.title ?? '')).toHaveLength(80);
  });
});
