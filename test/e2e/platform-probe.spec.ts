import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { z } from 'zod';
import { electronExecutable } from '../tools/electron-runtime.mjs';

const probe = fileURLToPath(new URL('./platform-probe/main.mjs', import.meta.url));

const Report = z.object({
  electron: z.string().optional(),
  findings: z.array(
    z.object({ name: z.string(), needed: z.boolean(), holds: z.boolean(), detail: z.string() }),
  ),
});

async function table(program: string, args: readonly string[]): Promise<z.infer<typeof Report>> {
  const { stdout } = await promisify(execFile)(program, [...args, probe, '--json']).catch((error: unknown) =>
    // It ends with 1 where something needed is missing; the table says what.
    z.object({ stdout: z.string() }).parse(error),
  );
  const report = Report.parse(JSON.parse(stdout));
  const { findings } = report;
  await test
    .info()
    .attach('table', { body: JSON.stringify(findings, null, 2), contentType: 'application/json' });
  return report;
}

test('Electron has the cryptography that Sealane stands on', async () => {
  const { path, version, args } = await electronExecutable();
  const { electron, findings } = await table(path, args);
  expect(electron).toBe(version);
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.filter(({ needed, holds }) => needed && !holds)).toEqual([]);
});

test('Node has it, too', async () => {
  const { electron, findings } = await table(process.execPath, []);
  expect(electron).toBeUndefined();
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.filter(({ needed, holds }) => needed && !holds)).toEqual([]);
});
