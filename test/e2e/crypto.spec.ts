import { expect, test } from '@playwright/test';
import { z } from 'zod';
import { electronExecutable } from '../tools/electron-runtime.mjs';
import { BundledCheck } from './bundled-check.ts';

const reportSchema = z.strictObject({
  runtime: z.string(),
  checked: z.number(),
  failed: z.array(z.string()),
});

const crypto = new BundledCheck('crypto-check');
test.beforeAll(() => crypto.build());

test('keys, invites, codes and the seal are the same in Electron, bundled as in the app', async () => {
  const { path } = await electronExecutable();
  const report = reportSchema.parse(await crypto.run(path, [], { ELECTRON_RUN_AS_NODE: '1' }));
  expect(report.failed).toEqual([]);
  expect(report.runtime).toMatch(/^electron v/);
  expect(report.checked).toBeGreaterThan(200);
});

test('and in Node', async () => {
  const report = reportSchema.parse(await crypto.run(process.execPath));
  expect(report.failed).toEqual([]);
  expect(report.runtime).toMatch(/^node v/);
  expect(report.checked).toBeGreaterThan(200);
});
