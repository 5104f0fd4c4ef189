import * as v from 'valibot';
import { PlatformError } from '../../shared/errors/index.ts';

const NAME = /^[a-z][a-z0-9-]{0,62}$/u;
const Targets = v.record(v.string(), v.string());

/**
 * Where each group of functions is, by its name, from a JSON object of URLs. Fails with `config.invalid` (never), naming
 * the group and never its URL. Addresses inside of a cluster are private, so none is refused for that; who may set a
 * process's environment is trusted with where it sends.
 */
export function targetsFrom(json: string): ReadonlyMap<string, URL> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Targets), json);
  if (!parsed.success) throw invalid('is not a JSON object of URLs by group');
  const targets = Object.entries(parsed.output);
  if (targets.length === 0) throw invalid('names no group');
  return new Map(targets.map(([group, address]) => [group, urlOf(group, address)]));
}

function urlOf(group: string, address: string): URL {
  if (!NAME.test(group)) throw invalid('has a group whose name is none');
  const url = URL.parse(address);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw invalid(`${group} has no URL of HTTP`);
  if (url.username !== '' || url.password !== '') throw invalid(`${group} has a user in its URL`);
  if (url.search !== '' || url.hash !== '') throw invalid(`${group} has more than a path in its URL`);
  return url;
}

const invalid = (what: string) =>
  new PlatformError('config.invalid', `TURNSTREAM_RELAY_TARGETS: ${what}`, { retry: 'never' });
