import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const files = (folders: string) => `test/${folders}/**/*.test.{ts,tsx}`;

export default defineConfig({
  test: {
    globalSetup: 'test/support/schedules/summary.ts',
    // Real sockets, real files and other suites beside it: slow machines get time, nothing is measured by it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // From source, every worker thread strips types with WebAssembly of Node's own. In Node 24, threads that
    // come and go then free one another's wrappers now and then, and the process dies (SIGSEGV, SIGILL in
    // WasmImportWrapperCache::Free) without any code of ours: wrappers that are never compiled are never freed.
    // What is packaged has no types to strip.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
    // A forgotten `.only` would silently drop every other test.
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: [files('{unit,integration,fuzz,schedules}')],
          // As many files at once as there are cores: most of them wait for other processes. The default leaves
          // one core free, which is half of a machine with two.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: [files('faults')],
          // These move gigabytes, fill disks and kill what runs, and judge how soon it goes on: one at a time.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
