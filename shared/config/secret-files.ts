import { readFileSync } from 'node:fs';
import { PlatformError } from '../errors/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const OF_A_FILE = /^(TURNSTREAM_[A-Z_]+)_FILE$/u;

/**
 * The environment with the content of files: where `X_FILE` names a file, `X` is what stands in it, without the end of
 * its last line. OpenFaaS and compose give secrets as files only. Fails with `config.invalid` (never) where both are
 * set or the file cannot be read, naming the variable and never the content.
 */
export function withSecretFiles(env: Environment): Environment {
  const read = Object.entries(env).flatMap(([variable, path]): readonly (readonly [string, string])[] => {
    const name = OF_A_FILE.exec(variable)?.[1];
    if (name === undefined || path === undefined || path === '') return [];
    if (env[name] !== undefined && env[name] !== '') throw invalid(`${name} and ${variable} are both set`);
    try {
      return [[name, readFileSync(path, 'utf8').replace(/\r?\n$/u, '')]];
    } catch (cause) {
      throw invalid(`cannot read the file that ${variable} names`, cause);
    }
  });
  return read.length === 0 ? env : { ...env, ...Object.fromEntries(read) };
}

/**
 * Puts the variables of a file (`NAME=value` in each line) into the environment of this process; what is set already
 * counts. For secrets whose names only the tenants' file knows. Fails with `config.invalid` (never).
 */
export function loadVariables(path: string): void {
  try {
    process.loadEnvFile(path);
  } catch (cause) {
    throw invalid(`cannot read the file of variables ${path}`, cause);
  }
}

const invalid = (message: string, cause?: unknown) =>
  new PlatformError('config.invalid', message, { retry: 'never', cause });
