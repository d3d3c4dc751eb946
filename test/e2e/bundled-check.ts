import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { setupFolder } from '../tools/paths.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program of `test/tools` that prints one JSON object, bundled as the app is so that every runtime can run it. */
export class BundledCheck {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  // Below node_modules, so that the native bindings, which no bundle holds, are found from there.
  get #folder(): string {
    return join(setupFolder, 'window-tests', this.#name);
  }

  async build(): Promise<void> {
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
      ssr: { noExternal: true, external: ['fs-native-extensions', 'sodium-native'] },
      build: {
        ssr: `test/tools/${this.#name}.ts`,
        target: 'node20',
        outDir: this.#folder,
        emptyOutDir: true,
        minify: false,
        rolldownOptions: {
          output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
        },
      },
    });
  }

  /** Runs it on `program`; gives what it printed. */
  async run(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
    const { stdout } = await promisify(execFile)(
      program,
      [join(this.#folder, `${this.#name}.mjs`), ...args],
      {
        env: { ...process.env, ...env },
      },
    );
    return JSON.parse(stdout);
  }
}
