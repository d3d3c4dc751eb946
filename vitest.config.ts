import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,integration,fuzz,faults,schedules}/**/*.test.{ts,tsx}'],
    globalSetup: 'test/support/schedules/summary.ts',
    // Real sockets, real files and other suites beside it: slow machines get time, nothing is measured by it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // From source, every worker thread strips types with WebAssembly of Node's own. In Node 24, threads that come and go then free one
    // another's wrappers now and then, and the process dies (SIGSEGV, SIGILL in WasmImportWrapperCache::Free) without any code of ours:
    // wrappers that are never compiled are never freed. What is packaged has no types to strip.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
    // A forgotten `.only` would silently drop every other test.
    allowOnly: false,
  },
});
