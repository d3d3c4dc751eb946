import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,integration,fuzz,faults}/**/*.test.{ts,tsx}'],
    // Real sockets, real files and other suites beside it: slow machines get time, nothing is measured by it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A forgotten `.only` would silently drop every other test.
    allowOnly: false,
  },
});
