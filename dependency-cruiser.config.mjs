// Who may import whom. test/unit/architecture.test.ts holds the code against this, and this against broken examples.

/** @param {...string} names */
const packages = (...names) => `^node_modules/(${names.join('|')})/`;

const electron = packages('electron');
const production = '^(shared|src-main|src-renderer)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'shared-is-pure',
      comment:
        'The contract is read by the page, the main process and the workers: it imports itself and zod.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', packages('zod')] },
    },
    {
      name: 'page-knows-only-shared',
      comment:
        'The page is sandboxed: the contract and its schemas, React and what draws. No Node, no Electron, nothing of src-main.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: {
        pathNot: [
          '^(src-renderer|shared)/',
          packages(
            'react',
            'react-dom',
            '@base-ui/react',
            'lucide-react',
            'zustand',
            'qr',
            'zod',
            '@fontsource-variable/[^/]+',
          ),
        ],
      },
    },
    {
      name: 'electron-only-in-desktop',
      comment: 'Engine, workers and command line run without a window, on plain Node.',
      severity: 'error',
      from: { path: production, pathNot: '^src-main/desktop/' },
      to: { path: electron },
    },
    {
      name: 'engine-below-its-callers',
      comment: 'The engine and its workers know neither the window nor the terminal.',
      severity: 'error',
      from: { path: '^src-main/(engine|workers)/' },
      to: { path: '^src-main/(desktop|cli)/' },
    },
    {
      name: 'engine-front-door',
      comment:
        'Callers of the engine use src-main/engine/index.ts, and reach neither past it nor for its workers.',
      severity: 'error',
      from: { path: '^src-main/(desktop|cli)/' },
      to: { path: '^src-main/(engine|workers)/', pathNot: '^src-main/engine/index\\.ts$' },
    },
    {
      name: 'callers-apart',
      comment: 'The window and the terminal are two callers of one engine; what both need belongs into it.',
      severity: 'error',
      from: { path: '^src-main/(desktop|cli)/' },
      to: { path: '^src-main/(desktop|cli)/', pathNot: '^src-main/$1/' },
    },
    {
      name: 'preload-is-thin',
      comment: 'A sandboxed preload has no Node: the contract and Electron, nothing else.',
      severity: 'error',
      from: { path: '^src-main/desktop/preload\\.ts$' },
      to: { pathNot: ['^shared/', electron] },
    },
    {
      name: 'main-without-page',
      comment: 'What both sides need is in shared/.',
      severity: 'error',
      from: { path: '^src-main/' },
      to: { path: '^src-renderer/' },
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      from: { path: production },
      to: { path: '^test/' },
    },
    {
      name: 'second-implementation-stands-alone',
      comment:
        'Written from docs/protocol.md alone: nothing of the product, and none of the libraries it does the same with.',
      severity: 'error',
      from: { path: '^test/second-implementation/' },
      to: {
        pathNot: [
          '^test/second-implementation/',
          packages('@noble/[^/]+', 'cbor2'),
          '^(node:)?(fs/promises|net|path|tls)$',
        ],
      },
    },
    {
      name: 'no-development-dependency',
      comment:
        'Only `dependencies` are there on a user’s machine. Types vanish, and Electron is the machine.',
      severity: 'error',
      from: { path: '^(shared|src-main)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: electron,
      },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unknown-import',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Type imports count: a contract between layers is broken by them as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)fixtures/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
