import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../../test-results/e2e',
  // A small machine starts two Electrons slowly; nothing is measured by these limits.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Windows share one display, and a test that has to be tried twice has not passed.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['list']],
  use: { trace: 'off' },
});
