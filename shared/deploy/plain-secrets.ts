import { parseAllDocuments } from 'yaml';
import { SECRET_NAME } from './environment.ts';
import type { Files } from './render.ts';

/** A secret that anybody can read who can read the repository. */
export interface PlainSecret {
  readonly path: string;
  /** Where in the file; never the secret itself. */
  readonly field: string;
}

/** Looks for secrets in plain text in manifests, those of people included. What SOPS has encrypted is none. */
export const plainSecrets = (files: Files): readonly PlainSecret[] =>
  [...files].flatMap(([path, text]) =>
    parseAllDocuments(text)
      .flatMap((document) => fieldsIn(document.toJS() as unknown, ''))
      .map((field) => ({ path, field })),
  );

function fieldsIn(value: unknown, at: string): readonly string[] {
  if (typeof value === 'string') return PASSWORD_IN_CONF.test(value) ? [at] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown, i) => fieldsIn(item, `${at}[${i}]`));
  const object = value as Readonly<Record<string, unknown>>;
  const below = (name: string) => (at === '' ? name : `${at}.${name}`);
  if (object['kind'] === 'Secret') {
    return ['data', 'stringData'].flatMap((map) =>
      Object.entries(object[map] ?? {})
        .filter(([, content]) => isReadable(content))
        .map(([key]) => below(`${map}.${key}`)),
    );
  }
  // A variable of a container, or one operation of a patch.
  const named = [object['name'], lastOf(object['path'])].find((name) => isSecret(name));
  if (typeof named === 'string' && isReadable(object['value'])) return [below(named)];
  return Object.entries(object).flatMap(([key, inside]) => {
    if (key === 'secretGenerator') return [below(key)];
    if (isSecret(key) && isReadable(inside)) return [below(key)];
    return fieldsIn(parsed(key, inside), below(key));
  });
}

/** In a server's configuration: a password that is no variable. */
const PASSWORD_IN_CONF = /"?password"?\s*[:=]\s*(?!\$)\S/u;

const isSecret = (name: unknown): boolean => typeof name === 'string' && SECRET_NAME.test(name);
const isReadable = (content: unknown): boolean => typeof content === 'string' && !content.startsWith('ENC[');
const lastOf = (path: unknown): unknown => (typeof path === 'string' ? path.split('/').at(-1) : undefined);

/** Patches are text within text. */
function parsed(key: string, inside: unknown): unknown {
  if (key !== 'patch' || typeof inside !== 'string') return inside;
  const [document] = parseAllDocuments(inside);
  return document && 'toJS' in document ? document.toJS() : inside;
}
