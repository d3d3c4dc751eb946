import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';
import { listShippedPackages } from './test/tools/package/shipped-plugin.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Left out of every bundle: the runtime gives the first, the others find their prebuilt binaries beside their own packages. */
const external = ['electron', 'fs-native-extensions', 'sodium-native'];

/**
 * Electron's main process, the worker threads and the command line. They share chunks, all in one folder, so that
 * `new URL('./send-worker.js', import.meta.url)` is right from whichever file a piece of code ends up in.
 */
const main: UserConfig = {
  // CommonJS packages that ask for their own place still get an answer inside an ES module.
  define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
  plugins: [listShippedPackages('main')],
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    target: 'node20',
    outDir: at('dist/main'),
    emptyOutDir: true,
    sourcemap: true,
    // Stack traces in a user's log stay readable.
    minify: false,
    rolldownOptions: {
      input: {
        main: at('src-main/entry.ts'),
        'send-worker': at('src-main/workers/send-worker.ts'),
        'receive-worker': at('src-main/workers/receive-worker.ts'),
        cli: at('src-main/cli/main.ts'),
      },
      output: {
        format: 'es',
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
        banner: (chunk) => (chunk.isEntry && chunk.name === 'cli' ? '#!/usr/bin/env node' : ''),
      },
    },
  },
};

/** A sandboxed preload is one CommonJS file that may require little more than `electron`. */
const preload: UserConfig = {
  plugins: [listShippedPackages('preload')],
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    target: 'chrome130',
    outDir: at('dist/preload'),
    emptyOutDir: true,
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: { preload: at('src-main/desktop/preload.ts') },
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
};

/** The page. Its policy allows files of its own and nothing inline, so nothing may be turned into a data: address. */
const renderer: UserConfig = {
  root: at('src-renderer'),
  base: './',
  plugins: [react(), listShippedPackages('renderer')],
  build: {
    target: 'chrome130',
    outDir: at('dist/renderer'),
    emptyOutDir: true,
    sourcemap: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // It is read from the disk it is installed on.
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
};

const builds: Readonly<Record<string, UserConfig>> = { main, preload, renderer };

/** `vite build --mode main|preload|renderer`: three small builds, nothing shared between them but this file. */
export default defineConfig(({ mode }) => {
  const build = builds[mode];
  if (build === undefined) throw new Error(`--mode must be one of ${Object.keys(builds).join(', ')}`);
  return { ...build, publicDir: false, clearScreen: false };
});
