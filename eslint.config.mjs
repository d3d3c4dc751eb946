// @ts-check
import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// GitHub Desktop's habit: three small adapters are the only users of Electron's IPC.
const ipcAdapters = ['src-main/desktop/ipc-main.ts', 'src-main/desktop/preload.ts'];

const noDoubleCast = {
  selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword',
  message: 'No `as unknown as`: parse the value instead.',
};

/** `import('electron')` and `require('electron')`, which the rule about named imports does not see. */
const noHiddenElectron = ['ImportExpression', 'CallExpression'].map((call) => ({
  selector: `${call} > Literal[value=/^electron(\\u002F(main|renderer|common))?$/]`,
  message: 'Import what you need from electron by name, where rules can see it.',
}));

export default defineConfig(
  globalIgnores(['dist/', 'out/', 'test-results/', 'coverage/', 'test/**/fixtures/**']),
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      'max-lines': ['error', 400],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-implicit-coercion': 'error',
      // Looking for control characters in names that come from a peer is what this program does.
      'no-control-regex': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        // `default: return unreachable(x)` is the house's own check; it counts only when every case is there.
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      'no-restricted-syntax': ['error', noDoubleCast],
    },
  },
  {
    files: ['**/*.{ts,tsx,mjs,js}'],
    ignores: ipcAdapters,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: ['electron', 'electron/main', 'electron/renderer', 'electron/common'].map((name) => ({
            name,
            importNames: ['ipcMain', 'ipcRenderer', 'default'],
            message: 'Electron IPC is reached only through src-main/desktop/ipc-main.ts and preload.ts.',
          })),
        },
      ],
    },
  },
  {
    files: ['src-main/**', 'src-renderer/**', 'shared/**'],
    rules: { 'no-restricted-syntax': ['error', noDoubleCast, ...noHiddenElectron] },
  },
  { files: ['src-renderer/**'], extends: [reactHooks.configs.flat.recommended] },
  {
    // JavaScript is checked by the compiler through its JSDoc: it knows the globals, and the casts that take the `any`
    // out of JSON.parse, which these rules cannot see.
    files: ['**/*.mjs'],
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // What prints for a living.
    files: ['test/tools/**', 'test/demo/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.test.ts', 'test/**/*.spec.ts'],
    // `expect(object.method)` is the test tools' own idiom.
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
);
