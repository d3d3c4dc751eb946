import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { MAX_DETAILS_BYTES, MAX_NAME_BYTES } from '../../shared/limits.ts';
import type { TransferDetail, TransferId } from '../../shared/views.ts';
import { Bench, endOf, sendAndAccept } from '../support/engines.ts';
import { acceptAt, takeOffer, victimAndHostile } from '../support/hostile-device.ts';
import { sealane } from '../support/sealane-command.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

/** All that an engine tells of a transfer, page by page. */
async function detailsOf(engine: Engine, id: TransferId): Promise<TransferDetail[]> {
  const all: TransferDetail[] = [];
  for (let from: number | null = 0; from !== null;) {
    const page = await engine.transferDetails(id, from);
    expect(page.details.length).toBeLessThanOrEqual(100);
    all.push(...page.details);
    from = page.next;
  }
  return all;
}

/** A folder of which 307 things cannot be sent, and 150 not under their names. */
async function strangeFolder(): Promise<string> {
  const source = await bench.folder('Strange');
  await mkdir(source);
  for (let n = 0; n < 307; n += 1) await symlink('/nowhere', join(source, `lost ${String(n)}`));
  for (let n = 0; n < 150; n += 1) await writeFile(join(source, `tab\t${String(n)}`), String(n));
  return source;
}

const wanted = [
  ...Array.from({ length: 307 }, (_, n) => `lost ${String(n)}`),
  ...Array.from({ length: 150 }, (_, n) => `tab\t${String(n)} → tab_${String(n)}`),
].sort();

const told = (details: readonly TransferDetail[]): string[] =>
  details
    .map((detail) =>
      detail.kind === 'skipped'
        ? detail.path.replace('Strange/', '')
        : `${detail.from} → ${detail.to}`.replaceAll('Strange/', ''),
    )
    .sort();

describe('all that was left out, and all that got another name', { timeout: 120_000 }, () => {
  it('can be read on both sides, in the window and by command, and goes with the history', async () => {
    const [sender, receiver] = await bench.pair();
    const { sent, received } = await sendAndAccept(sender, receiver, [await strangeFolder()]);
    for (const { state } of [sent, received])
      expect(state).toMatchObject({
        kind: 'incomplete',
        outcome: { renamedCount: 150 },
        leftOut: { skippedCount: 307 },
      });
    for (const engine of [sender, receiver]) expect(told(await detailsOf(engine, sent.id))).toEqual(wanted);

    for (const name of ['first', 'second']) {
      const profile = join(await bench.folder(`${name}-profile`));
      const kept = join(profile, 'details', sent.id);
      expect(statSync(kept).mode & 0o777).toBe(0o600);
      const shown = await sealane(['transfers', 'show', sent.id.slice(0, 6), '--profile', profile]);
      expect(shown.code).toBe(0);
      for (const line of ['  Strange/lost 306: ', '  Strange/tab\\u{9}149 as Strange/tab_149'])
        expect(shown.stdout).toContain(line);
      const { events } = await sealane(['transfers', 'show', sent.id, '--json', '--profile', profile]);
      expect(events.filter(({ event }) => event === 'skipped')).toHaveLength(307);
      expect(events.filter(({ event }) => event === 'renamed')).toHaveLength(150);
      expect(events.filter(({ event }) => event === 'unlisted')).toEqual([]);
      expect(events[0]).toMatchObject({ event: 'transfer', skippedCount: 307, renamedCount: 150 });
    }

    for (const [engine, name] of [
      [sender, 'first'],
      [receiver, 'second'],
    ] as const) {
      await engine.clearHistory();
      await engine.close();
      expect(await readdir(join(await bench.folder(`${name}-profile`), 'details'))).toEqual([]);
    }
  });
});

describe('more than is kept of what was left out', { timeout: 120_000 }, () => {
  it('is listed as far as it is kept, on both sides alike, and the rest is counted', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('Strange');
    await mkdir(source);
    // In a list each of these characters takes six bytes.
    const longest = '\u0001'.repeat(MAX_NAME_BYTES - 5);
    const count = Math.ceil(MAX_DETAILS_BYTES / (6 * longest.length)) + 200;
    for (let n = 0; n < count; n += 1)
      await symlink('/nowhere', join(source, `${String(n).padStart(5, '0')}${longest}`));
    const { sent, received } = await sendAndAccept(sender, receiver, [source]);
    for (const { state } of [sent, received])
      expect(state).toMatchObject({ kind: 'incomplete', leftOut: { skippedCount: count } });
    for (const name of ['first', 'second']) {
      const profile = await bench.folder(`${name}-profile`);
      const kept = statSync(join(profile, 'details', sent.id)).size;
      expect(kept).toBeLessThanOrEqual(MAX_DETAILS_BYTES);
      expect(kept).toBeGreaterThan(MAX_DETAILS_BYTES - 6 * longest.length - 100);
      const { events } = await sealane(['transfers', 'show', sent.id, '--json', '--profile', profile]);
      const listed = events.filter(({ event }) => event === 'skipped');
      expect(new Set(listed.map(({ path }) => path)).size).toBe(listed.length);
      expect(events.at(-1)).toEqual({
        event: 'unlisted',
        transfer: sent.id,
        skippedCount: count - listed.length,
        renamedCount: 0,
      });
      expect(listed.length).toBeLessThan(count);
    }
  });
});

describe('what a receiver says was left out', () => {
  const many = (n: number, length = 10) =>
    Array.from({ length: n }, (_, each) => ({
      path: `${String(each)}${'\u0001'.repeat(length)}`,
      reason: 'vanished' as const,
    }));
  const end = { files: 1, bytes: 5, nothing: false, renamed: [], renamedCount: 0 };

  async function luredTo(say: (message: (name: 'listed' | 'complete', body: unknown) => void) => void) {
    const { victim, hostile } = await victimAndHostile(bench);
    const note = await bench.folder('note.txt');
    await writeFile(note, 'hello');
    const ended = endOf(victim);
    const { id, peer } = await hostile.lure([note]);
    await takeOffer(peer);
    await acceptAt(peer, { entry: 0, offset: 0 });
    await peer.expect('start');
    peer.close();
    const again = await hostile.dialled();
    await takeOffer(again);
    say((name, body) => {
      again.message(name, body);
    });
    const { state } = await ended;
    const profile = await bench.folder('victim-profile');
    hostile.close();
    return { victim, id, state, profile };
  }

  it('is kept as text, in full', async () => {
    const { victim, id, state } = await luredTo((say) => {
      for (let n = 0; n < 3; n += 1) say('listed', { renamed: [], skipped: many(100) });
      say('complete', { ...end, skipped: many(100), skippedCount: 307 });
    });
    expect(state).toMatchObject({ kind: 'incomplete', leftOut: { skippedCount: 307 } });
    expect(await detailsOf(victim, id)).toHaveLength(300);
  });

  it.each<readonly [string, string, (say: (name: 'listed' | 'complete', body: unknown) => void) => void]>([
    [
      'more than it counts',
      'frame-malformed',
      (say) => {
        say('listed', { renamed: [], skipped: many(100) });
        say('complete', { ...end, skipped: [], skippedCount: 99 });
      },
    ],
    [
      'without end',
      'content-mismatch',
      (say) => {
        for (let n = 0; n < 50; n += 1) say('listed', { renamed: [], skipped: many(20, 3000) });
      },
    ],
    [
      'nothing, again and again',
      'content-mismatch',
      (say) => {
        say('listed', { renamed: [], skipped: [] });
      },
    ],
    [
      'too much at once',
      'frame-malformed',
      (say) => {
        say('listed', { renamed: [], skipped: many(101) });
      },
    ],
    [
      'names that lead elsewhere',
      'frame-malformed',
      (say) => {
        say('listed', { renamed: [{ from: 'a', to: '../../b' }], skipped: [] });
      },
    ],
  ])('is not believed where it is %s, and nothing of it is kept', async (_what, code, say) => {
    const { state, profile } = await luredTo(say);
    expect(state).toMatchObject({ kind: 'failed', error: { code } });
    expect(existsSync(join(profile, 'details'))).toBe(false);
  });
});
