import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The project's own configuration, without the rules that need the whole program: the files here are invented. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] }],
});

async function rulesBroken(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId);
}

const imports = '@typescript-eslint/no-restricted-imports';

describe('Electron IPC stays in its adapters', () => {
  it.each([
    ["import { ipcMain } from 'electron';\nipcMain.removeAllListeners();\n", 'src-main/desktop/windows.ts'],
    [
      "import { ipcMain as quiet } from 'electron';\nquiet.removeAllListeners();\n",
      'src-main/desktop/windows.ts',
    ],
    [
      "import { ipcMain } from 'electron/main';\nipcMain.removeAllListeners();\n",
      'src-main/desktop/windows.ts',
    ],
    ["import * as electron from 'electron';\nelectron.app.quit();\n", 'src-main/desktop/windows.ts'],
    ["import electron from 'electron';\nelectron.app.quit();\n", 'src-main/desktop/windows.ts'],
    ["import { ipcRenderer } from 'electron';\nipcRenderer.send('x');\n", 'src-main/desktop/windows.ts'],
    ["import { ipcRenderer } from 'electron/renderer';\nipcRenderer.send('x');\n", 'src-renderer/app.ts'],
  ])('%j is refused in %s', async (code, file) => {
    expect(await rulesBroken(file, code)).toContain(imports);
  });

  it.each([
    ["export const all = await import('electron');\n", 'src-main/desktop/windows.ts'],
    [
      "import { createRequire } from 'node:module';\nexport default createRequire('/')('electron');\n",
      'src-main/a.ts',
    ],
  ])('%j is refused in %s, too', async (code, file) => {
    expect(await rulesBroken(file, code)).toContain('no-restricted-syntax');
  });

  it.each([
    ["import { ipcMain } from 'electron';\nipcMain.removeAllListeners();\n", 'src-main/desktop/ipc-main.ts'],
    ["import { ipcRenderer } from 'electron';\nipcRenderer.send('x');\n", 'src-main/desktop/preload.ts'],
    ["import { app } from 'electron';\napp.quit();\n", 'src-main/desktop/windows.ts'],
  ])('%j is allowed in %s', async (code, file) => {
    expect(await rulesBroken(file, code)).toEqual([]);
  });
});

describe('the types cannot be talked out of', () => {
  it.each([
    ['no-restricted-syntax', 'export const a = (b: string) => b as unknown as number;\n'],
    ['@typescript-eslint/no-explicit-any', 'export const a = (b: any) => String(b);\n'],
    ['@typescript-eslint/no-non-null-assertion', 'export const a = (b?: string) => b!.length;\n'],
    ['@typescript-eslint/ban-ts-comment', '// @ts-ignore\nexport const a: string = 1;\n'],
    [
      '@typescript-eslint/no-explicit-any',
      '// eslint-disable-next-line\nexport const a = (b: any) => String(b);\n',
    ],
  ])('%s: %j', async (rule, code) => {
    expect(await rulesBroken('src-main/engine/invented.ts', code)).toContain(rule);
  });

  it('a file of more than 400 lines is refused', async () => {
    expect(await rulesBroken('src-main/engine/invented.ts', '// line\n'.repeat(401))).toContain('max-lines');
  });
});
