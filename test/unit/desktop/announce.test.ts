import { describe, expect, it } from 'vitest';
import { createAnnouncer } from '../../../src-main/desktop/announce.ts';
import { deviceId, outcome, running, transferEvent } from './samples.ts';

describe('notifications', () => {
  it('say who offers what', () => {
    expect(createAnnouncer()(transferEvent({ kind: 'offered' }))).toEqual({
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
    const done = { kind: 'done', outcome: outcome({ skippedCount: 1 }) } as const;
    const sent = createAnnouncer()(transferEvent(done, { direction: 'send' }));
    expect(sent?.title).toBe('Ada has received most of it');
    expect(sent?.body).toContain('1 file did not arrive');
    expect(createAnnouncer()(transferEvent(done))?.body).toContain('1 file did not arrive');
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
    expect(announce(transferEvent({ kind: 'offered' }, { direction: 'send' }))).toBeUndefined();
    expect(announce(transferEvent({ kind: 'declined' }))).toBeUndefined();
    expect(announce(transferEvent({ kind: 'cancelled', by: 'me' }))).toBeUndefined();
    expect(announce({ type: 'devices', devices: [] })).toBeUndefined();
  });

  it('cannot be made to mislead or to flood', () => {
    const hostile = transferEvent(
      { kind: 'offered' },
      {
        device: { id: deviceId, name: `\u202e${'x'.repeat(500)}` },
        items: ['fine\u202egpj.exe\n\u001b[31m', 'other'],
        itemCount: 3,
      },
    );
    const announcement = createAnnouncer()(hostile);
    expect(announcement?.title).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(announcement?.body).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(announcement?.body).toContain('\\u{202e}');
    expect(Array.from(announcement?.title ?? '')).toHaveLength(80);
  });
});
