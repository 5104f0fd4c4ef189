import * as v from 'valibot';
import type { PlatformError } from '../../errors/index.ts';

/** Reads the JSON header of a file that holds a model. Fails with what `refused` makes of the reason. */
export function headerOf<S extends v.GenericSchema>(
  schema: S,
  text: string,
  refused: (why: string) => PlatformError,
): v.InferOutput<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refused('its header is not JSON');
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) throw refused(`its header is wrong: ${parsed.issues[0].message}`);
  return parsed.output;
}
