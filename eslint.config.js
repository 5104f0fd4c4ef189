import { dirname, join, relative, sep } from 'node:path';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Pure code takes the time, chance and the outside world as arguments. */
const pure = {
  'no-restricted-globals': [
    'error',
    'process',
    'fetch',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'performance',
    'console',
    'Buffer',
  ],
  'no-restricted-properties': ['error', { object: 'Date', property: 'now' }, { object: 'Math', property: 'random' }],
  'no-restricted-syntax': [
    'error',
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'take the time from the context' },
  ],
};
const never = (...group) => [
  'error',
  { patterns: [{ group, message: 'see "What may import what" in ARCHITECTURE.md' }] },
];
const LIBRARIES = ['node:*', '@*/**', 'hono*', 'opossum', 'onnxruntime-node', 'jose', 'pino', 'ulid'];
const TESTS = ['**/*.test.ts', '**/*.contract.ts', '**/*.test-d.ts'];

/** Functions meet in the log: what two of them need is in shared/, or in functions/ itself. */
const apart = {
  create(context) {
    const folderOf = (path) => relative(join(import.meta.dirname, 'functions'), path).split(sep);
    const [own] = folderOf(context.filename);
    const check = ({ source }) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const [other, ...inside] = folderOf(join(dirname(context.filename), source.value));
      if (other === '..' || other === own || inside.length === 0) return;
      const message =
        'functions/{{own}} may not import from functions/{{other}}: see "What may import what" in ARCHITECTURE.md';
      context.report({ node: source, message, data: { own, other } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export default tseslint.config(
  { ignores: ['dist', 'console/**/*.js'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js'] } } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['events/**'],
    ignores: [...TESTS, 'events/lock.ts'],
    rules: { ...pure, 'no-restricted-imports': never(...LIBRARIES, '**/shared/**', '**/functions/**') },
  },
  {
    files: ['shared/function/**', 'shared/session/**'],
    ignores: TESTS,
    rules: { ...pure, 'no-restricted-imports': never(...LIBRARIES, '**/functions/**', '**/runtime/**', '**/log/**') },
  },
  {
    files: ['functions/*/handler.ts'],
    ignores: TESTS,
    rules: { ...pure, 'no-restricted-imports': never(...LIBRARIES, '**/runtime/**', '**/log/**', '**/telemetry/**') },
  },
  {
    files: ['functions/*/**'],
    // Those that put several functions into one process, and what only tests run.
    ignores: [
      'functions/turn/**',
      'functions/outside/**',
      ...TESTS,
      '**/*.fixture.ts',
      '**/testing.ts',
      '**/testing/**',
      'functions/faults/**',
      'functions/voice/kills/**',
    ],
    plugins: { turnstream: { rules: { apart } } },
    rules: { 'turnstream/apart': 'error' },
  },
  {
    files: ['shared/**'],
    ignores: [...TESTS, 'shared/function/**', 'shared/session/**', 'shared/deploy/**', 'shared/testing/**'],
    rules: { 'no-restricted-imports': never('**/functions/**') },
  },
  {
    // A library: a bot can be trained and asked without a log.
    files: ['shared/nlu/**'],
    ignores: TESTS,
    rules: {
      'no-restricted-imports': never('@nats-io/**', '**/functions/**', '**/log/**', '**/runtime/**', '**/session/**'),
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
