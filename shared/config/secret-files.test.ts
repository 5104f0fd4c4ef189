import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConnectionConfig, loadConfig } from './config.ts';
import { loadVariables, withSecretFiles } from './secret-files.ts';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-secrets-'));
  file = join(dir, 'password');
  await writeFile(file, 'quite secret\n');
});

afterEach(() => rm(dir, { recursive: true }));

it('takes a secret from the file that is named', () => {
  const config = loadConfig(ConnectionConfig, { TURNSTREAM_NATS_USER: 'intent', TURNSTREAM_NATS_PASSWORD_FILE: file });
  expect(config.TURNSTREAM_NATS_PASSWORD).toBe('quite secret');
});

it('leaves an environment alone that names no files', () => {
  const env = { TURNSTREAM_NATS_USER: 'intent', SSH_KEY_FILE: file };
  expect(withSecretFiles(env)).toBe(env);
});

it('refuses a variable that is set twice, and tells nothing of either', () => {
  const env = { TURNSTREAM_NATS_PASSWORD: 'quite secret', TURNSTREAM_NATS_PASSWORD_FILE: file };
  expect(() => withSecretFiles(env)).toThrow('TURNSTREAM_NATS_PASSWORD and TURNSTREAM_NATS_PASSWORD_FILE are both set');
});

it('takes variables from a file, unless they are set already', async () => {
  await writeFile(file, 'TEST_FILE_ONE=whsec_one=\nTEST_FILE_TWO=two\n');
  process.env['TEST_FILE_TWO'] = 'set before';
  loadVariables(file);
  const { TEST_FILE_ONE, TEST_FILE_TWO } = process.env;
  delete process.env['TEST_FILE_ONE'];
  delete process.env['TEST_FILE_TWO'];
  expect([TEST_FILE_ONE, TEST_FILE_TWO]).toEqual(['whsec_one=', 'set before']);
  expect(() => {
    loadVariables(join(dir, 'absent'));
  }).toThrow('cannot read the file of variables');
});

it('names the variable whose file cannot be read', () => {
  const env = { TURNSTREAM_NATS_PASSWORD_FILE: join(dir, 'absent') };
  expect(() => withSecretFiles(env)).toThrow('cannot read the file that TURNSTREAM_NATS_PASSWORD_FILE names');
});
