import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { claimTransfer } from '../../../../src-main/engine/store/transfer-claim.ts';
import type { TransferClaim } from '../../../../src-main/engine/store/transfer-claim.ts';
import { rejectionCode, startFixture, temporaryFolder, transferId } from './support.ts';

const id = transferId(1);

async function claimed(transfers: string): Promise<TransferClaim> {
  const claim = await claimTransfer(transfers, id);
  if (claim === undefined) throw new Error('claimed elsewhere');
  return claim;
}

/** A process that claims one transfer after another when it is told to. */
async function claimant(transfers: string, count: number) {
  const ids = Array.from({ length: count }, (_, n) => transferId(n + 1));
  const child = startFixture('claim-transfer', transfers, ...ids);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const said = z.object({ value: z.enum(['mine', 'other']) });
  return {
    child,
    claimNext: async () => {
      child.stdin.write('next\n');
      return said.parse(await lines.next()).value;
    },
  };
}

const jobSchema = z.object({ pid: z.number(), i: z.number() });

describe('the claim on a transfer', () => {
  it('goes to one of two processes that ask at the same moment, and only that one writes', async () => {
    const transfers = join(await temporaryFolder(), 'transfers');
    const rounds = 25;
    const claimants = [await claimant(transfers, rounds), await claimant(transfers, rounds)];
    for (let n = 1; n <= rounds; n += 1) {
      const answers = await Promise.all(claimants.map(({ claimNext }) => claimNext()));
      expect(answers.toSorted()).toEqual(['mine', 'other']);
      const job = await readFile(join(transfers, transferId(n), 'job.json'), 'utf8');
      const owner = claimants[answers.indexOf('mine')];
      expect(jobSchema.parse(JSON.parse(job))).toEqual({ pid: owner?.child.pid, i: 4 });
    }
  });

  it('excludes another one of the same process, until it is released', async () => {
    const transfers = await temporaryFolder();
    const all = await Promise.all([1, 2, 3, 4].map(() => claimTransfer(transfers, id)));
    const [claim, ...more] = all.filter((each) => each !== undefined);
    expect(more).toEqual([]);
    await claim?.release();
    await (await claimed(transfers)).release();
  });

  it('ends with the process, however it is killed and whatever its lock is dated', async () => {
    const transfers = await temporaryFolder();
    const { child, claimNext } = await claimant(transfers, 1);
    expect(await claimNext()).toBe('mine');
    expect(await claimTransfer(transfers, id)).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const tomorrow = new Date(Date.now() + 24 * 60 * 60_000);
    for (const name of await readdir(transfers)) await utimes(join(transfers, name), tomorrow, tomorrow);
    const claim = await claimed(transfers);
    expect(await readdir(claim.folder)).toEqual(['job.json']);
    await claim.release();
  });

  it('of one that was suspended stays its own', async () => {
    const transfers = await temporaryFolder();
    const { child, claimNext } = await claimant(transfers, 1);
    expect(await claimNext()).toBe('mine');
    child.kill('SIGSTOP');
    expect(await claimTransfer(transfers, id)).toBeUndefined();
    child.kill('SIGCONT');
  });

  it('is given up with what is kept of it, and without the folder when that is nothing', async () => {
    const transfers = await temporaryFolder();
    await (await claimed(transfers)).release();
    expect(await readdir(transfers)).toEqual([]);
    const claim = await claimed(transfers);
    await claim.write('job.json', '{}');
    await claim.release();
    expect(await readdir(join(transfers, id))).toEqual(['job.json']);
  });

  it('removes all of it, and nothing that another claim makes under its name afterwards', async () => {
    const transfers = await temporaryFolder();
    for (let round = 0; round < 30; round += 1) {
      const first = await claimed(transfers);
      await mkdir(join(first.folder, 'deep'));
      for (const name of ['manifest', 'journal', 'deep/file']) await writeFile(join(first.folder, name), 'x');
      const removed = first.discard();
      let next: TransferClaim | undefined;
      while (next === undefined) next = await claimTransfer(transfers, id);
      await next.write('job.json', String(round));
      await removed;
      await first.release();
      expect(await readdir(next.folder)).toEqual(['job.json']);
      expect(await claimTransfer(transfers, id)).toBeUndefined();
      await next.discard();
    }
    expect(await readdir(transfers)).toEqual([]);
  });

  it('writes one after the other, and nothing once it was given up', async () => {
    const transfers = await temporaryFolder();
    const claim = await claimed(transfers);
    const writes = Array.from({ length: 10 }, (_, n) => claim.write('job.json', String(n)));
    const released = claim.release();
    await Promise.all([...writes, released]);
    expect(await readFile(join(transfers, id, 'job.json'), 'utf8')).toBe('9');
    expect(await rejectionCode(claim.write('job.json', 'late'))).toBe('interrupted');
    expect(await rejectionCode(claim.discard())).toBe('interrupted');
    expect(await readFile(join(transfers, id, 'job.json'), 'utf8')).toBe('9');
  });

  it('is refused, without a claim left behind, where the disk allows no folder', async () => {
    const transfers = await temporaryFolder();
    await writeFile(join(transfers, id), 'in the way');
    expect(await rejectionCode(claimTransfer(transfers, id))).toBe('profile-unusable');
    await rm(join(transfers, id));
    await (await claimed(transfers)).release();
  });
});
