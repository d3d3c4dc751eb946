import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { z } from 'zod';
import { OTHER_KINDS, otherCertificate } from '../support/other-certificates.ts';
import { electronExecutable } from '../tools/electron-runtime.mjs';
import { BundledCheck } from './bundled-check.ts';

const reportSchema = z.strictObject({
  runtime: z.string(),
  checked: z.number(),
  failed: z.array(z.string()),
  tickets: z.number(),
});

const check = new BundledCheck('tls-check');
let folder = '';
let certificates = '';
test.beforeAll(async () => {
  await check.build();
  folder = await mkdtemp(join(tmpdir(), 'sealane-tls-'));
  certificates = join(folder, 'certificates.json');
  const others = OTHER_KINDS.map(async (kind) => ({ kind, ...(await otherCertificate(kind)) }));
  await writeFile(certificates, JSON.stringify(await Promise.all(others)));
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

test('TLS is spoken in Electron as in Node: one kind of certificate, and no session twice', async () => {
  const { path } = await electronExecutable();
  const electron = reportSchema.parse(await check.run(path, [certificates], { ELECTRON_RUN_AS_NODE: '1' }));
  const node = reportSchema.parse(await check.run(process.execPath, [certificates]));
  expect(electron.runtime).toMatch(/^electron v/);
  expect(node.runtime).toMatch(/^node v/);
  for (const report of [electron, node]) {
    expect(report.failed).toEqual([]);
    expect(report.checked).toBeGreaterThan(2 * OTHER_KINDS.length);
  }
  // BoringSSL is told to give none; OpenSSL cannot be, and nothing is kept of what it gives.
  expect(electron.tickets).toBe(0);
});
