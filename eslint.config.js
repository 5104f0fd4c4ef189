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
